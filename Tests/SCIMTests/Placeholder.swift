// SCIM
