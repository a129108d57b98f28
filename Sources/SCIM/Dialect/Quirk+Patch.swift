extension Quirk {
    static let ofMessages: [Quirk] = [operationCase, emptyPath, pathlessDottedKeys, extensionAsPath, readOnlyInBody]
    static let ofOperations: [Quirk] = [createByFilter, removeByValue]
    static let ofMembers: [Quirk] = [membersRemoveByValue, membersInMembers, unknownMember]

    /// `"op": "Replace"`.
    public static let operationCase = Quirk(
        "operation-case", "The names of operations are read without regard to case.", clients: ["entra"])
    /// `"path": ""`.
    public static let emptyPath = Quirk(
        "empty-path", "An empty path is taken for none.", clients: ["mappings"])
    /// `{"name.givenName": "K", "emails[type eq \"work\"].value": "k@example.com"}` in an operation without path.
    public static let pathlessDottedKeys = Quirk(
        "pathless-dotted-keys",
        "In an operation without path, names with a point, a filter or a URN in front are taken for paths.", clients: ["entra"])
    /// `"path": "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"`.
    public static let extensionAsPath = Quirk(
        "extension-as-path", "The URN of an extension alone as a path is taken for all attributes of the extension.",
        clients: ["entra", "mappings"])
    /// `{"id": "<own id>", "displayName": "N"}` in an operation without path.
    public static let readOnlyInBody = Quirk(
        "read-only-in-body", "In an operation without path, the resource's own id and readOnly attributes are dropped.",
        clients: ["okta"])
    /// `phoneNumbers[type eq "mobile"].value` where there is no such number.
    public static let createByFilter = Quirk(
        "create-by-filter",
        "Adding or replacing a part of a value that a filter describes and nobody has makes a value as the filter describes it.",
        clients: ["entra"])
    /// `"op": "remove", "path": "emails", "value": [{"value": "a@example.com"}]`.
    public static let removeByValue = Quirk(
        "remove-by-value",
        "A remove with values takes away the values it lists and only those; for an attribute that has only one, the value says nothing.",
        clients: ["entra", "jumpcloud"])
    /// `"op": "remove", "path": "members", "value": [{"value": "42"}]`.
    public static let membersRemoveByValue = Quirk(
        "members-remove-by-value",
        "A remove of members with a value, in any spelling, takes away the members it lists and only those; an empty list, nobody.",
        clients: ["onelogin", "entra", "jumpcloud", "authentik", "ssosync", "salesforce"])
    /// `"path": "members", "value": {"members": […]}`.
    public static let membersInMembers = Quirk(
        "members-in-members", "An object with `members` as the value of `members` is taken for the list in it.",
        clients: ["salesforce"])
    /// `"path": "members", "value": [{"value": "an id that nobody has"}]`, of somebody who was deleted meanwhile.
    ///
    /// RFC 7644 says nothing of it. To refuse the whole request would keep the others out for ever, since clients repeat it.
    public static let unknownMember = Quirk(
        "unknown-member", "A member whose id no user or group has is left out, and the others are taken.", clients: ["mappings"])
}
