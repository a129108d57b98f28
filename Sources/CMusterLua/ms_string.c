// string.rep, string.byte and utf8.*: bounded or charged, because one call can run over megabytes.
#include "ms_internal.h"

static int s_rep(lua_State *L) {
    ms_vm *vm = ms_of(L);
    size_t n, ns;
    const char *s = luaL_checklstring(L, 1, &n);
    lua_Integer count = luaL_checkinteger(L, 2);
    const char *sep = luaL_optlstring(L, 3, "", &ns);
    size_t unit = n + ns;
    if (count <= 0 || unit == 0) {                             // liblua 5.4.4 loops `count` times over nothing
        lua_pushliteral(L, "");
        return 1;
    }
    size_t max = vm->cfg.max_block ? vm->cfg.max_block : (size_t)1 << 31;
    if ((lua_Unsigned)count > max / unit + 1) return luaL_error(L, "resulting string too large");
    size_t total = n * (size_t)count + ns * (size_t)(count - 1);
    if (total > max) return luaL_error(L, "resulting string too large");
    ms_tick(L, vm, total / 16 + 1);
    luaL_Buffer b;
    char *p = luaL_buffinitsize(L, &b, total);
    memcpy(p, s, n);
    if (count > 1) {                                           // all but the last unit by doubling
        size_t have = unit, want = unit * (size_t)(count - 1);
        memcpy(p + n, sep, ns);
        while (have < want) {
            size_t piece = have < want - have ? have : want - have;
            memcpy(p + have, p, piece);
            have += piece;
        }
        memcpy(p + want, s, n);
    }
    luaL_pushresultsize(&b, total);
    return 1;
}

void ms_set_string(lua_State *L, int stock) {
    lua_pushcfunction(L, s_rep);
    lua_setfield(L, -2, "rep");
    ms_set_charged(L, stock, "byte");
}

// The iterator of utf8.codes skips continuation bytes without end: charged before liblua's does the work.
static int codes_next(lua_State *L) {
    size_t n;
    const char *s = luaL_checklstring(L, 1, &n);
    lua_Unsigned start = (lua_Unsigned)lua_tointeger(L, 2), i = start;
    while (i < n && (s[i] & 0xC0) == 0x80) i++;
    ms_tick(L, ms_of(L), 1 + (size_t)(i - start) / 2);
    return lua_tocfunction(L, lua_upvalueindex(1))(L);
}

static int u_codes(lua_State *L) {
    int count = lua_tocfunction(L, lua_upvalueindex(1))(L);    // iterator, string, 0
    lua_pushvalue(L, -count);
    lua_pushcclosure(L, codes_next, 1);
    lua_replace(L, -count - 1);
    return count;
}

void ms_set_utf8(lua_State *L, int stock) {
    static const char *const names[] = { "len", "offset", "codepoint", NULL };
    for (const char *const *name = names; *name; name++) ms_set_charged(L, stock, *name);
    lua_getfield(L, stock, "codes");
    lua_pushcclosure(L, u_codes, 1);
    lua_setfield(L, -2, "codes");
}
