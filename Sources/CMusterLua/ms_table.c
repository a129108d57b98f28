// The table library on plain tables: liblua's follows __len, __index and __newindex, and metamethods that
// are C functions never meet a hook, so that one call could run for years.
#include "ms_internal.h"

static lua_Integer plain(lua_State *L, int i) {
    static const char *const metamethods[] = { "__index", "__newindex", "__len", NULL };
    luaL_checktype(L, i, LUA_TTABLE);
    if (lua_getmetatable(L, i)) {
        for (const char *const *name = metamethods; *name; name++) {
            lua_pushstring(L, *name);
            if (lua_rawget(L, -2) != LUA_TNIL) luaL_argerror(L, i, "a plain table is needed (this one has metamethods)");
            lua_pop(L, 1);
        }
        lua_pop(L, 1);
    }
    return (lua_Integer)lua_rawlen(L, i);
}

static int t_insert(lua_State *L) {
    lua_Integer end = plain(L, 1) + 1, pos = end;
    switch (lua_gettop(L)) {
        case 2: break;
        case 3:
            pos = luaL_checkinteger(L, 2);
            luaL_argcheck(L, pos >= 1 && pos <= end, 2, "position out of bounds");
            for (lua_Integer i = end; i > pos; i--) {
                lua_rawgeti(L, 1, i - 1);
                lua_rawseti(L, 1, i);
                ms_tick(L, ms_of(L), 1);
            }
            break;
        default: return luaL_error(L, "wrong number of arguments to 'insert'");
    }
    lua_rawseti(L, 1, pos);
    return 0;
}

static int t_remove(lua_State *L) {
    lua_Integer size = plain(L, 1), pos = luaL_optinteger(L, 2, size);
    if (pos != size) luaL_argcheck(L, (lua_Unsigned)pos - 1u <= (lua_Unsigned)size, 2, "position out of bounds");
    lua_rawgeti(L, 1, pos);
    for (; pos < size; pos++) {
        lua_rawgeti(L, 1, pos + 1);
        lua_rawseti(L, 1, pos);
        ms_tick(L, ms_of(L), 1);
    }
    lua_pushnil(L);
    lua_rawseti(L, 1, pos);
    return 1;
}

static int t_concat(lua_State *L) {
    size_t ls;
    lua_Integer size = plain(L, 1);
    const char *sep = luaL_optlstring(L, 2, "", &ls);
    lua_Integer i = luaL_optinteger(L, 3, 1), last = luaL_optinteger(L, 4, size);
    luaL_Buffer b;
    luaL_buffinit(L, &b);
    for (; i <= last; i++) {
        int type = lua_rawgeti(L, 1, i);
        if (type != LUA_TSTRING && type != LUA_TNUMBER)
            return luaL_error(L, "invalid value (at index %I) in table for 'concat'", (LUAI_UACINT)i);
        luaL_addvalue(&b);
        if (i < last) luaL_addlstring(&b, sep, ls);
        ms_tick(L, ms_of(L), 8);
        if (i == LUA_MAXINTEGER) break;
    }
    luaL_pushresult(&b);
    return 1;
}

static int t_move(lua_State *L) {
    lua_Integer from = luaL_checkinteger(L, 2), end = luaL_checkinteger(L, 3), to = luaL_checkinteger(L, 4);
    int target = lua_isnoneornil(L, 5) ? 1 : 5;
    plain(L, 1);
    plain(L, target);
    if (end >= from) {
        luaL_argcheck(L, from > 0 || end < LUA_MAXINTEGER + from, 3, "too many elements to move");
        luaL_argcheck(L, to <= LUA_MAXINTEGER - (end - from), 4, "destination wrap around");
        lua_Integer n = end - from + 1;
        bool upwards = to > end || to <= from || (target != 1 && !lua_rawequal(L, 1, target));
        for (lua_Integer i = 0; i < n; i++) {
            lua_Integer k = upwards ? i : n - 1 - i;
            lua_rawgeti(L, 1, from + k);
            lua_rawseti(L, target, to + k);
            ms_tick(L, ms_of(L), 4);
        }
    }
    lua_pushvalue(L, target);
    return 1;
}

// The order of values that liblua would compare itself, charged.
static int sort_less(lua_State *L) {
    ms_tick(L, ms_of(L), 8 + (lua_type(L, 1) == LUA_TSTRING ? lua_rawlen(L, 1) / 8 : 0));
    lua_pushboolean(L, lua_compare(L, 1, 2, LUA_OPLT));
    return 1;
}

// A comparator that is a C function meets no hook: charged.
static int sort_by(lua_State *L) {
    ms_tick(L, ms_of(L), 8);
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, 2, 1);
    return 1;
}

// Few short numbers and strings: their sorting is charged at once and needs no call for each comparison.
static bool is_small(lua_State *L) {
    enum { MAX_COUNT = 4096, MAX_BYTES = 65536 };
    lua_Unsigned n = lua_rawlen(L, 1), bytes = 0;
    if (n > MAX_COUNT) return false;
    for (lua_Unsigned i = 1; i <= n && bytes <= MAX_BYTES; i++) {
        int type = lua_rawgeti(L, 1, (lua_Integer)i);
        if (type == LUA_TSTRING) bytes += lua_rawlen(L, -1);
        else if (type != LUA_TNUMBER) bytes = MAX_BYTES + 1;
        lua_pop(L, 1);
    }
    ms_tick(L, ms_of(L), (size_t)(n * 8 + bytes));
    return bytes <= MAX_BYTES;
}

static int t_sort(lua_State *L) {
    plain(L, 1);
    lua_settop(L, 2);
    if (lua_isnil(L, 2)) {
        if (!is_small(L)) {
            lua_pushcfunction(L, sort_less);
            lua_replace(L, 2);
        }
    } else if (lua_iscfunction(L, 2)) {
        lua_pushcclosure(L, sort_by, 1);
    }
    return lua_tocfunction(L, lua_upvalueindex(1))(L);
}

void ms_set_table(lua_State *L, int stock) {
    static const luaL_Reg own[] = { { "insert", t_insert }, { "remove", t_remove }, { "concat", t_concat },
                                    { "move", t_move },     { NULL, NULL } };
    luaL_setfuncs(L, own, 0);
    lua_getfield(L, stock, "sort");
    lua_pushcclosure(L, t_sort, 1);
    lua_setfield(L, -2, "sort");
    ms_set_charged(L, stock, "unpack");
}
