// setmetatable and its kin. A script's metatable is never used itself: a filtered copy of it is, because
// metamethods are looked up when they are needed and could be added after any check.
//
// Refused metamethods, and why:
//   __gc      runs with hooks off, so that a loop in it never ends
//   __close   5.4.4 crashes or loses errors when coroutines are closed with them pending
//   __concat  5.4.4 can use a stack pointer that the metamethod has invalidated (a crash)
//   __mode    shows when the collector ran, and reaches a use after free in 5.4.4
// __call must be a function, not another callable table.
// What scripts notice: setting one of these raises; a metamethod added to a metatable after the last
// setmetatable is not seen (methods found through `__index = Class` are).
#include "ms_internal.h"

static const char *const names[] = {
    "__gc", "__close", "__concat", "__mode",                   // refused
    "__index", "__newindex", "__call", "__tostring", "__name", "__len", "__eq", "__lt", "__le", "__add", "__sub",
    "__mul", "__div", "__mod", "__pow", "__unm", "__idiv", "__band", "__bor", "__bxor", "__shl", "__shr", "__bnot",
    "__pairs", "__metatable"
};
enum { REFUSED = 4, ALL = sizeof names / sizeof *names };

static char origin;                                            // copy[&origin] is the script's own table

// The markers of arrays and empty objects protect nothing: they may be replaced.
static void check_unprotected(lua_State *L, ms_vm *vm) {
    if (!lua_getmetatable(L, 1)) return;
    const void *identity = lua_topointer(L, -1);
    lua_pushliteral(L, "__metatable");
    if (lua_rawget(L, -2) != LUA_TNIL && identity != vm->array_mt_p && identity != vm->object_mt_p)
        luaL_error(L, "cannot change a protected metatable");
    lua_pop(L, 2);
}

// A chain of callable tables makes liblua shift the arguments once for each link, without a hook.
static void check_call(lua_State *L) {
    lua_pushliteral(L, "__call");
    int type = lua_rawget(L, 2);
    if (type != LUA_TNIL && type != LUA_TFUNCTION) luaL_error(L, "metamethod '__call' must be a function");
    lua_pop(L, 1);
}

// The names are upvalues 1..ALL: pushing an upvalue costs less than interning a C string.
static int g_setmetatable(lua_State *L) {
    ms_vm *vm = ms_of(L);
    int type = lua_type(L, 2);
    luaL_checktype(L, 1, LUA_TTABLE);
    luaL_argexpected(L, type == LUA_TNIL || type == LUA_TTABLE, 2, "nil or table");
    check_unprotected(L, vm);
    lua_settop(L, 2);
    const void *identity = lua_topointer(L, 2);
    if (type == LUA_TNIL || identity == vm->array_mt_p || identity == vm->object_mt_p || identity == vm->control_mt_p) {
        lua_setmetatable(L, 1);
        return 1;
    }
    for (int k = 1; k <= REFUSED; k++) {
        lua_pushvalue(L, lua_upvalueindex(k));
        if (lua_rawget(L, 2) != LUA_TNIL)
            return luaL_error(L, "metamethod '%s' is not available to plugins", lua_tostring(L, lua_upvalueindex(k)));
        lua_settop(L, 2);
    }
    check_call(L);
    lua_rawgeti(L, LUA_REGISTRYINDEX, vm->metatables);         // 3
    lua_pushvalue(L, 2);
    bool fresh = lua_rawget(L, 3) == LUA_TNIL;                 // 4: the copy
    if (fresh) {
        lua_pop(L, 1);
        lua_createtable(L, 0, 6);
        lua_pushvalue(L, 2);
        lua_rawsetp(L, 4, &origin);
        lua_pushvalue(L, 2);
        lua_pushvalue(L, 4);
        lua_rawset(L, 3);
    }
    for (int k = REFUSED + 1; k <= ALL; k++) {
        lua_pushvalue(L, lua_upvalueindex(k));
        if (lua_rawget(L, 2) == LUA_TNIL) {                    // absent; perhaps there the last time
            lua_settop(L, 4);
            if (fresh) continue;
            lua_pushvalue(L, lua_upvalueindex(k));
            bool stale = lua_rawget(L, 4) != LUA_TNIL;
            lua_settop(L, 4);
            if (!stale) continue;
            lua_pushnil(L);
        }
        lua_pushvalue(L, lua_upvalueindex(k));
        lua_insert(L, -2);
        lua_rawset(L, 4);
    }
    lua_setmetatable(L, 1);
    lua_settop(L, 1);
    return 1;
}

// Gives the script's own table back, never a live one.
static int g_getmetatable(lua_State *L) {
    luaL_checkany(L, 1);
    if (!lua_getmetatable(L, 1)) {
        lua_pushnil(L);
        return 1;
    }
    lua_pushliteral(L, "__metatable");
    if (lua_rawget(L, -2) != LUA_TNIL) return 1;
    lua_pop(L, 1);
    lua_rawgetp(L, -1, &origin);
    return 1;
}

static int g_rawset(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    luaL_checkany(L, 2);
    luaL_checkany(L, 3);
    if (lua_getmetatable(L, 1)) {
        lua_pushliteral(L, "__metatable");
        if (lua_rawget(L, -2) == LUA_TBOOLEAN) return luaL_error(L, "cannot modify a read-only table");
    }
    lua_settop(L, 3);
    lua_rawset(L, 1);
    return 1;
}

void ms_set_metatable(lua_State *L) {
    luaL_checkstack(L, ALL + 4, NULL);
    for (int k = 0; k < ALL; k++) lua_pushstring(L, names[k]);
    lua_pushcclosure(L, g_setmetatable, ALL);
    lua_setfield(L, -2, "setmetatable");
    lua_pushcfunction(L, g_getmetatable);
    lua_setfield(L, -2, "getmetatable");
    lua_pushcfunction(L, g_rawset);
    lua_setfield(L, -2, "rawset");
}
