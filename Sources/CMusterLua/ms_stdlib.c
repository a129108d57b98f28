// The script's world: an allow-list over liblua's libraries, read-only and without undefined names, with
// own functions where liblua's can run for long without meeting a hook or reach a known defect.
#include "ms_internal.h"

// ---- read-only views --------------------------------------------------------------------------
// Lua has no read-only tables. A view is an empty table whose metatable reads from the real one.

static int view_assign(lua_State *L) {
    return luaL_error(L, "cannot modify '%s.%s': the library is read-only", lua_tostring(L, lua_upvalueindex(1)),
                      lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : luaL_typename(L, 2));
}

// The iterator keeps the real table to itself: a script that gets hold of it could change it.
static int view_next(lua_State *L) {
    lua_settop(L, 2);
    return lua_next(L, lua_upvalueindex(1)) ? 2 : 0;
}

static int view_pairs(lua_State *L) {
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_pushcclosure(L, view_next, 1);
    return 1;
}

void ms_push_view(lua_State *L, const char *name) {
    lua_newtable(L);
    lua_createtable(L, 0, 4);
    lua_pushvalue(L, -3);
    lua_setfield(L, -2, "__index");
    lua_pushstring(L, name);
    lua_pushcclosure(L, view_assign, 1);
    lua_setfield(L, -2, "__newindex");
    lua_pushvalue(L, -3);
    lua_pushcclosure(L, view_pairs, 1);
    lua_setfield(L, -2, "__pairs");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_setmetatable(L, -2);
    lua_remove(L, -2);
}

static int env_undefined(lua_State *L) {
    return luaL_error(L, "undefined global '%s'", lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : luaL_typename(L, 2));
}

static int env_assign(lua_State *L) {
    return luaL_error(L, "assignment to global '%s' (declare it with 'local')",
                      lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : luaL_typename(L, 2));
}

// ---- pcall and xpcall: a kill and an outcome go through them ------------------------------------

// Outcomes (`ctx.reject{…}` and the like) are tables with the control metatable: they end the hook and
// are not errors to be swallowed.
bool ms_is_control(lua_State *L, ms_vm *vm, int index) {
    if (lua_type(L, index) != LUA_TTABLE || !lua_getmetatable(L, index)) return false;
    bool control = lua_topointer(L, -1) == vm->control_mt_p;
    lua_pop(L, 1);
    return control;
}

static int pcall_done(lua_State *L, int status, lua_KContext skipped) {
    ms_vm *vm = ms_of(L);
    if (status == LUA_OK || status == LUA_YIELD) return lua_gettop(L) - (int)skipped;
    if (vm->killed || ms_is_control(L, vm, -1)) return lua_error(L);
    lua_pushboolean(L, 0);
    lua_insert(L, -2);
    return 2;
}

static int g_pcall(lua_State *L) {
    luaL_checkany(L, 1);
    lua_pushboolean(L, 1);
    lua_insert(L, 1);
    return pcall_done(L, lua_pcallk(L, lua_gettop(L) - 2, LUA_MULTRET, 0, 0, pcall_done), 0);
}

// A message handler runs where the error was raised. If that was the hook, it runs with hooks off and
// could loop for ever: the script's own handler must never see a kill.
static int guarded_handler(lua_State *L) {
    ms_vm *vm = ms_of(L);
    if (vm->killed || ms_is_control(L, vm, 1)) return 1;
    lua_settop(L, 1);
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, 1, 1);
    return 1;
}

static int g_xpcall(lua_State *L) {
    int n = lua_gettop(L);
    luaL_checktype(L, 2, LUA_TFUNCTION);
    lua_pushvalue(L, 2);
    lua_pushcclosure(L, guarded_handler, 1);
    lua_replace(L, 2);
    lua_pushboolean(L, 1);
    lua_pushvalue(L, 1);
    lua_rotate(L, 3, 2);                                       // f, handler, true, f, arguments
    return pcall_done(L, lua_pcallk(L, n - 2, LUA_MULTRET, 2, 2, pcall_done), 2);
}

// ---- require ----------------------------------------------------------------------------------

static int g_require(lua_State *L) {
    ms_vm *vm = ms_of(L);
    const char *name = luaL_checkstring(L, 1);
    lua_settop(L, 1);
    lua_rawgeti(L, LUA_REGISTRYINDEX, vm->loaded);             // 2
    lua_pushvalue(L, 1);
    if (lua_rawget(L, 2) != LUA_TNIL) {
        if (lua_islightuserdata(L, -1) && lua_touserdata(L, -1) == vm)
            return luaL_error(L, "loop in require('%s')", name);
        return 1;
    }
    lua_pop(L, 1);
    lua_rawgeti(L, LUA_REGISTRYINDEX, vm->modules);            // 3
    lua_pushvalue(L, 1);
    if (lua_rawget(L, 3) != LUA_TTABLE) return luaL_error(L, "module '%s' not found in this plugin", name);   // 4
    lua_rawgeti(L, 4, 1);                                      // 5: source
    lua_rawgeti(L, 4, 2);                                      // 6: chunk name
    size_t size;
    const char *source = lua_tolstring(L, 5, &size);
    if (ms_compile(L, vm, lua_tostring(L, 6), source, size) != LUA_OK) return lua_error(L);
    lua_rawgeti(L, LUA_REGISTRYINDEX, vm->env);
    lua_setupvalue(L, -2, 1);
    lua_pushvalue(L, 1);
    lua_pushlightuserdata(L, vm);                              // marks a load under way
    lua_rawset(L, 2);
    lua_pushvalue(L, 1);
    int status = lua_pcall(L, 1, 1, 0);
    if (status == LUA_OK && lua_isnil(L, -1)) {
        lua_pop(L, 1);
        lua_pushboolean(L, 1);
    }
    lua_pushvalue(L, 1);
    if (status == LUA_OK) lua_pushvalue(L, -2);
    else lua_pushnil(L);
    lua_rawset(L, 2);
    return status == LUA_OK ? 1 : lua_error(L);
}

// ---- small ones -------------------------------------------------------------------------------

static int g_collectgarbage(lua_State *L) {
    static const char *const options[] = { "count", NULL };
    luaL_checkoption(L, 1, "count", options);
    lua_pushnumber(L, (lua_Number)ms_of(L)->used / 1024.0);
    return 1;
}

static int g_traceback(lua_State *L) {
    luaL_traceback(L, L, luaL_optstring(L, 1, NULL), 1);
    return 1;
}

static int null_tostring(lua_State *L) {
    lua_pushliteral(L, "null");
    return 1;
}

// The stock function works on the same frame, so that its messages name it as the script did.
static int charged(lua_State *L) {
    int type = lua_type(L, 1);
    if (type == LUA_TSTRING) ms_tick(L, ms_of(L), 1 + lua_rawlen(L, 1) / 4);
    else if (type == LUA_TTABLE) ms_tick(L, ms_of(L), 1 + lua_rawlen(L, 1));
    return lua_tocfunction(L, lua_upvalueindex(1))(L);
}

void ms_set_charged(lua_State *L, int stock, const char *name) {
    lua_getfield(L, stock, name);
    lua_pushcclosure(L, charged, 1);
    lua_setfield(L, -2, name);
}

// ---- for preludes -----------------------------------------------------------------------------

static int p_view(lua_State *L) {
    const char *name = luaL_checkstring(L, 2);
    lua_pushvalue(L, 1);
    ms_push_view(L, name);
    return 1;
}

static int p_entry(lua_State *L) {
    lua_rawgeti(L, LUA_REGISTRYINDEX, ms_of(L)->entry);
    return 1;
}

// The pcall of a test kit: it catches outcomes too, but no kill.
static int try_done(lua_State *L, int status, lua_KContext context) {
    (void)context;
    if (status == LUA_OK || status == LUA_YIELD) return lua_gettop(L);
    if (ms_of(L)->killed) return lua_error(L);
    lua_pushboolean(L, 0);
    lua_insert(L, -2);
    return 2;
}

static int p_try(lua_State *L) {
    luaL_checkany(L, 1);
    lua_pushboolean(L, 1);
    lua_insert(L, 1);
    return try_done(L, lua_pcallk(L, lua_gettop(L) - 2, LUA_MULTRET, 0, 0, try_done), 0);
}

// A console's load: text only, in an environment of the caller's. Gives the function, or nil and the problem.
static int p_compile(lua_State *L) {
    size_t size;
    const char *source = luaL_checklstring(L, 1, &size);
    const char *chunk = luaL_checkstring(L, 2);
    luaL_checktype(L, 3, LUA_TTABLE);
    if (ms_compile(L, ms_of(L), chunk, source, size) != LUA_OK) {
        lua_pushnil(L);
        lua_insert(L, -2);
        return 2;
    }
    lua_pushvalue(L, 3);
    lua_setupvalue(L, -2, 1);
    return 1;
}

// ---- assembly ---------------------------------------------------------------------------------

static void copy(lua_State *L, int from, int to, const char *const *names) {
    for (; *names; names++) {
        lua_getfield(L, from, *names);
        lua_setfield(L, to, *names);
    }
}

// A marker is a metatable without metamethods that says what a table is. It is live, so it is never
// handed out: getmetatable gives its name.
static int make_marker(lua_State *L, const char *name, const void **identity) {
    lua_createtable(L, 0, 2);
    lua_pushstring(L, name);
    lua_setfield(L, -2, "__name");
    lua_pushstring(L, name);
    lua_setfield(L, -2, "__metatable");
    *identity = lua_topointer(L, -1);
    return luaL_ref(L, LUA_REGISTRYINDEX);
}

static void make_registry(lua_State *L, ms_vm *vm) {
    vm->array_mt = make_marker(L, "array", &vm->array_mt_p);
    vm->object_mt = make_marker(L, "object", &vm->object_mt_p);
    lua_newtable(L);
    vm->modules = luaL_ref(L, LUA_REGISTRYINDEX);
    lua_newtable(L);
    vm->loaded = luaL_ref(L, LUA_REGISTRYINDEX);
    lua_pushboolean(L, 0);
    vm->entry = luaL_ref(L, LUA_REGISTRYINDEX);
    lua_newtable(L);                                           // a script's metatable -> the copy in use
    lua_newtable(L);
    lua_pushliteral(L, "k");
    lua_setfield(L, -2, "__mode");
    lua_setmetatable(L, -2);
    vm->metatables = luaL_ref(L, LUA_REGISTRYINDEX);
}

static void set_base(lua_State *L, int G) {
    static const char *const kept[] = { "assert", "error", "ipairs", "next", "pairs", "rawequal", "rawlen",
                                        "rawget", "select", "tostring", "type", "_VERSION", NULL };
    static const luaL_Reg own[] = { { "pcall", g_pcall },       { "xpcall", g_xpcall },
                                    { "require", g_require },   { "collectgarbage", g_collectgarbage },
                                    { NULL, NULL } };
    luaL_requiref(L, LUA_GNAME, luaopen_base, 0);
    int base = lua_gettop(L);
    copy(L, base, G, kept);
    lua_pushvalue(L, G);
    luaL_setfuncs(L, own, 0);
    ms_set_metatable(L);
    ms_set_charged(L, base, "tonumber");
    lua_settop(L, G);
}

static void set_string(lua_State *L, int G) {
    static const char *const kept[] = { "char", "format", "len", "lower", "reverse", "sub", "upper", NULL };
    luaL_requiref(L, LUA_STRLIBNAME, luaopen_string, 0);
    int stock = lua_gettop(L);
    lua_newtable(L);
    copy(L, stock, stock + 1, kept);
    ms_set_string(L, stock);
    ms_set_pattern(L);
    lua_pushliteral(L, "");                                    // ("x"):upper()
    lua_getmetatable(L, -1);
    lua_pushvalue(L, stock + 1);
    lua_setfield(L, -2, "__index");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_pop(L, 2);
    ms_push_view(L, "string");
    lua_setfield(L, G, "string");
    lua_settop(L, G);
}

static void set_table(lua_State *L, int G) {
    static const char *const kept[] = { "pack", NULL };
    luaL_requiref(L, LUA_TABLIBNAME, luaopen_table, 0);
    int stock = lua_gettop(L);
    lua_newtable(L);
    copy(L, stock, stock + 1, kept);
    ms_set_table(L, stock);
    ms_push_view(L, "table");
    lua_setfield(L, G, "table");
    lua_settop(L, G);
}

static void set_other_libraries(lua_State *L, int G) {
    static const char *const kept[] = { "char", "charpattern", NULL };
    luaL_requiref(L, LUA_MATHLIBNAME, luaopen_math, 0);
    ms_push_view(L, "math");
    lua_setfield(L, G, "math");
    luaL_requiref(L, LUA_UTF8LIBNAME, luaopen_utf8, 0);
    int stock = lua_gettop(L);
    lua_newtable(L);
    copy(L, stock, stock + 1, kept);
    ms_set_utf8(L, stock);
    ms_push_view(L, "utf8");
    lua_setfield(L, G, "utf8");
    lua_newtable(L);
    ms_set_coroutine(L);
    ms_push_view(L, "coroutine");
    lua_setfield(L, G, "coroutine");
    lua_newtable(L);
    lua_pushcfunction(L, g_traceback);
    lua_setfield(L, -2, "traceback");
    ms_push_view(L, "debug");
    lua_setfield(L, G, "debug");
    lua_settop(L, G);
}

static void set_null(lua_State *L, int G) {
    lua_pushlightuserdata(L, NULL);
    lua_pushvalue(L, -1);
    lua_setfield(L, G, "null");
    lua_createtable(L, 0, 2);                                  // shared by all light userdata
    lua_pushcfunction(L, null_tostring);
    lua_setfield(L, -2, "__tostring");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_setmetatable(L, -2);
    lua_pop(L, 1);
}

// What only preludes may name; ms_seal takes it away.
static void set_prelude_parts(lua_State *L, ms_vm *vm, int G) {
    lua_rawgeti(L, LUA_REGISTRYINDEX, vm->array_mt);
    lua_setfield(L, G, "__array_mt");
    lua_rawgeti(L, LUA_REGISTRYINDEX, vm->object_mt);
    lua_setfield(L, G, "__object_mt");
    int control = make_marker(L, "outcome", &vm->control_mt_p);
    lua_rawgeti(L, LUA_REGISTRYINDEX, control);
    lua_setfield(L, G, "__control_mt");
    lua_pushcfunction(L, p_view);
    lua_setfield(L, G, "__view");
    lua_pushcfunction(L, p_entry);
    lua_setfield(L, G, "__entry");
    lua_pushcfunction(L, p_try);
    lua_setfield(L, G, "__try");
    lua_pushcfunction(L, p_compile);
    lua_setfield(L, G, "__compile");
}

// Undefined names raise, for preludes as well; scripts see an empty table in front that refuses assignment.
static void make_environment(lua_State *L, ms_vm *vm, int G) {
    lua_createtable(L, 0, 2);
    lua_pushcfunction(L, env_undefined);
    lua_setfield(L, -2, "__index");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_setmetatable(L, G);
    lua_newtable(L);
    lua_createtable(L, 0, 3);
    lua_pushvalue(L, G);
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, env_assign);
    lua_setfield(L, -2, "__newindex");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_setmetatable(L, -2);
    lua_pushvalue(L, -1);
    lua_setfield(L, G, "_G");
    vm->env = luaL_ref(L, LUA_REGISTRYINDEX);
    lua_pushvalue(L, G);
    vm->globals = luaL_ref(L, LUA_REGISTRYINDEX);
}

void ms_open_stdlib(lua_State *L, ms_vm *vm) {
    luaL_checkstack(L, 60, NULL);
    make_registry(L, vm);
    lua_newtable(L);
    int G = lua_gettop(L);
    set_base(L, G);
    set_string(L, G);
    set_table(L, G);
    set_other_libraries(L, G);
    set_null(L, G);
    set_prelude_parts(L, vm, G);
    make_environment(L, vm, G);
    // liblua's own globals table stays out of reach. The list of its libraries is emptied (luaL_traceback
    // looks functions up there).
    lua_newtable(L);
    lua_setfield(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
}
