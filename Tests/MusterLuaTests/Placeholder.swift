// MusterLua
