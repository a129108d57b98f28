// The script's world: an allow-list over liblua's libraries, with guarded replacements for
// everything which can run for long without meeting a VM hook, or which reaches a known
// defect of 5.4.4.
#include "ms_internal.h"
#include <stdio.h>

// ---- read-only views -------------------------------------------------------------
static int ro_newindex(lua_State *L) {
  const char *lib = lua_tostring(L, lua_upvalueindex(1));
  return luaL_error(L, "cannot modify '%s.%s': the library is read-only", lib ? lib : "?", luaL_tolstring(L, 2, NULL));
}
static int ro_next(lua_State *L) { luaL_checktype(L, 1, LUA_TTABLE); lua_settop(L, 2); if (lua_next(L, 1)) return 2; lua_pushnil(L); return 1; }
static int ro_pairs(lua_State *L) {
  lua_pushcfunction(L, ro_next); lua_pushvalue(L, lua_upvalueindex(1)); lua_pushnil(L); return 3;
}
// [.. lib] -> [.. view]; the name is only for messages
static void push_view(lua_State *L, const char *name) {
  lua_newtable(L);                                   // view
  lua_createtable(L, 0, 4);                          // its metatable
  lua_pushvalue(L, -3); lua_setfield(L, -2, "__index");
  lua_pushstring(L, name); lua_pushcclosure(L, ro_newindex, 1); lua_setfield(L, -2, "__newindex");
  lua_pushvalue(L, -3); lua_pushcclosure(L, ro_pairs, 1); lua_setfield(L, -2, "__pairs");
  lua_pushboolean(L, 0); lua_setfield(L, -2, "__metatable");
  lua_setmetatable(L, -2);
  lua_remove(L, -2);
}
void ms_push_proxy(lua_State *L, ms_vm *vm) { (void)vm; push_view(L, "library"); }

static int p_view(lua_State *L) { const char *n = luaL_checkstring(L, 2); lua_pushvalue(L, 1); push_view(L, n); return 1; }
static int p_entry(lua_State *L) { lua_rawgeti(L, LUA_REGISTRYINDEX, ms_of(L)->entry); return 1; }
// the test kit's pcall: catches outcomes too (but no kill)
static int try_done(lua_State *L, int status, lua_KContext c) {
  (void)c;
  if (status != LUA_OK && status != LUA_YIELD) { if (ms_of(L)->killed) return lua_error(L); lua_pushboolean(L, 0); lua_insert(L, -2); return 2; }
  return lua_gettop(L);
}
static int p_try(lua_State *L) { lua_pushboolean(L, 1); lua_insert(L, 1); return try_done(L, lua_pcallk(L, lua_gettop(L) - 2, LUA_MULTRET, 0, 0, try_done), 0); }

static int env_undefined(lua_State *L) {
  return luaL_error(L, "undefined global '%s'", lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "?");
}
static int env_assign(lua_State *L) {
  return luaL_error(L, "assignment to global '%s' (declare it with 'local')", lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "?");
}

// ---- pcall and friends: a kill goes through them ------------------------------------
static int pcall_done(lua_State *L, int status, lua_KContext extra) {
  ms_vm *vm = ms_of(L);
  if (status != LUA_OK && status != LUA_YIELD) {
    if (vm->killed) return lua_error(L);
    if (lua_type(L, -1) == LUA_TTABLE && lua_getmetatable(L, -1)) {   // ctx.reject{...} is not an error to swallow
      bool control = lua_topointer(L, -1) == vm->control_mt_p; lua_pop(L, 1);
      if (control) return lua_error(L);
    }
    lua_pushboolean(L, 0); lua_insert(L, -2);
    return 2;
  }
  return lua_gettop(L) - (int)extra;
}
static int g_pcall(lua_State *L) {
  luaL_checkany(L, 1);
  lua_pushboolean(L, 1); lua_insert(L, 1);
  return pcall_done(L, lua_pcallk(L, lua_gettop(L) - 2, LUA_MULTRET, 0, 0, pcall_done), 0);
}
// A message handler runs at the point of the error. If that point is the count hook, it runs with
// hooks off, so a script's own handler must never see a kill.
static int guard_msgh(lua_State *L) {
  ms_vm *vm = ms_of(L);
  if (vm->killed) return 1;
  if (lua_type(L, 1) == LUA_TTABLE && lua_getmetatable(L, 1)) {
    bool control = lua_topointer(L, -1) == vm->control_mt_p; lua_pop(L, 1);
    if (control) return 1;
  }
  lua_pushvalue(L, lua_upvalueindex(1)); lua_insert(L, 1);
  lua_call(L, lua_gettop(L) - 1, 1);
  return 1;
}
static int g_xpcall(lua_State *L) {
  int n = lua_gettop(L);
  luaL_checktype(L, 2, LUA_TFUNCTION);
  lua_pushvalue(L, 2); lua_pushcclosure(L, guard_msgh, 1); lua_replace(L, 2);
  lua_pushboolean(L, 1);
  lua_pushvalue(L, 1);
  lua_rotate(L, 3, 2);                               // f msgh true f args
  return pcall_done(L, lua_pcallk(L, n - 2, LUA_MULTRET, 2, 2, pcall_done), 2);
}

// ---- metatables -----------------------------------------------------------------------
// A script's metatable is never used itself: a filtered copy is. Left out, because they run
// with hooks off (__gc), make collection order observable (__mode), or reach 5.4.4 defects
// fixed upstream later (__close, __concat, weak __newindex).
static const char *const allowed_mm[] = {
  "__index", "__newindex", "__call", "__tostring", "__name", "__len", "__eq", "__lt", "__le",
  "__add", "__sub", "__mul", "__div", "__mod", "__pow", "__unm", "__idiv", "__band", "__bor",
  "__bxor", "__shl", "__shr", "__bnot", "__pairs", "__metatable", NULL };
static const char *const refused_mm[] = { "__gc", "__close", "__concat", "__mode", NULL };
static char origin_key;                              // copy[&origin_key] = the script's own table
#define N_REFUSED 4
#define N_ALLOWED 25
// upvalues: the refused names, then the allowed names (pushing an upvalue costs less than interning a C string)
static int g_setmetatable(lua_State *L) {
  ms_vm *vm = ms_of(L);
  luaL_checktype(L, 1, LUA_TTABLE);
  int t = lua_type(L, 2);
  luaL_argexpected(L, t == LUA_TNIL || t == LUA_TTABLE, 2, "nil or table");
  if (lua_getmetatable(L, 1)) {
    lua_getfield(L, -1, "__metatable");
    if (!lua_isnil(L, -1)) return luaL_error(L, "cannot change a protected metatable");
    lua_pop(L, 2);
  }
  lua_settop(L, 2);
  if (t == LUA_TNIL) { lua_setmetatable(L, 1); return 1; }
  if (lua_topointer(L, 2) == vm->array_mt_p || lua_topointer(L, 2) == vm->control_mt_p) { lua_setmetatable(L, 1); return 1; }
  lua_rawgeti(L, LUA_REGISTRYINDEX, vm->mtmap);      // weak-keyed: script table -> copy
  lua_pushvalue(L, 2);
  bool fresh = lua_rawget(L, 3) == LUA_TNIL;
  if (fresh) {
    lua_pop(L, 1);
    lua_createtable(L, 0, 6);
    lua_pushvalue(L, 2); lua_rawsetp(L, -2, &origin_key);
    lua_pushvalue(L, 2); lua_pushvalue(L, -2); lua_rawset(L, 3);
  }
  for (int k = 1; k <= N_REFUSED; k++) {
    lua_pushvalue(L, lua_upvalueindex(k));
    if (lua_rawget(L, 2) != LUA_TNIL) return luaL_error(L, "metamethod '%s' is not available to plugins", lua_tostring(L, lua_upvalueindex(k)));
    lua_settop(L, 4);
  }
  for (int k = N_REFUSED + 1; k <= N_REFUSED + N_ALLOWED; k++) {
    lua_pushvalue(L, lua_upvalueindex(k));
    if (lua_rawget(L, 2) == LUA_TNIL) {               // gone since the last time?
      lua_settop(L, 4);
      if (fresh) continue;
      lua_pushvalue(L, lua_upvalueindex(k));
      if (lua_rawget(L, 4) == LUA_TNIL) { lua_settop(L, 4); continue; }
      lua_settop(L, 4); lua_pushnil(L);
    }
    lua_pushvalue(L, lua_upvalueindex(k)); lua_insert(L, -2);
    lua_rawset(L, 4);
  }
  lua_setmetatable(L, 1);                            // the copy
  lua_settop(L, 1);
  return 1;
}
static void push_setmetatable(lua_State *L) {
  int n = 0;
  luaL_checkstack(L, 40, NULL);
  for (const char *const *k = refused_mm; *k; k++, n++) lua_pushstring(L, *k);
  for (const char *const *k = allowed_mm; *k; k++, n++) lua_pushstring(L, *k);
  if (n != N_REFUSED + N_ALLOWED) luaL_error(L, "metamethod list");
  lua_pushcclosure(L, g_setmetatable, n);
}
static int g_getmetatable(lua_State *L) {
  luaL_checkany(L, 1);
  if (!lua_getmetatable(L, 1)) { lua_pushnil(L); return 1; }
  lua_pushliteral(L, "__metatable");
  if (lua_rawget(L, -2) != LUA_TNIL) return 1;
  lua_pop(L, 1);
  if (lua_rawgetp(L, -1, &origin_key) != LUA_TNIL) return 1;
  lua_pop(L, 1);
  return 1;                                          // array marker
}
static int g_rawset(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE); luaL_checkany(L, 2); luaL_checkany(L, 3);
  if (lua_getmetatable(L, 1)) {
    lua_pushliteral(L, "__metatable");
    if (lua_rawget(L, -2) == LUA_TBOOLEAN) return luaL_error(L, "cannot modify a read-only table");
    lua_pop(L, 2);
  }
  lua_settop(L, 3); lua_rawset(L, 1);
  return 1;
}

// ---- load / require -----------------------------------------------------------------------
static int g_require(lua_State *L) {
  ms_vm *vm = ms_of(L);
  const char *name = luaL_checkstring(L, 1);
  lua_settop(L, 1);
  lua_rawgeti(L, LUA_REGISTRYINDEX, vm->loaded);     // 2
  if (lua_getfield(L, 2, name) != LUA_TNIL) {
    if (lua_islightuserdata(L, -1)) return luaL_error(L, "loop in require('%s')", name);
    return 1;
  }
  lua_pop(L, 1);
  lua_rawgeti(L, LUA_REGISTRYINDEX, vm->modules);    // 3
  if (lua_getfield(L, 3, name) != LUA_TTABLE) return luaL_error(L, "module '%s' not found in this plugin", name);
  lua_rawgeti(L, 4, 1); lua_rawgeti(L, 4, 2);        // 5 source, 6 chunk name
  size_t n; const char *src = lua_tolstring(L, 5, &n);
  if (luaL_loadbufferx(L, src, n, lua_tostring(L, 6), "t") != LUA_OK) return lua_error(L);
  lua_rawgeti(L, LUA_REGISTRYINDEX, vm->env);
  lua_setupvalue(L, -2, 1);
  lua_pushlightuserdata(L, &ms_kill_token); lua_setfield(L, 2, name);
  lua_pushvalue(L, 1);
  if (lua_pcall(L, 1, 1, 0) != LUA_OK) { lua_pushnil(L); lua_setfield(L, 2, name); return lua_error(L); }
  if (lua_isnil(L, -1)) { lua_pop(L, 1); lua_pushboolean(L, 1); }
  lua_pushvalue(L, -1); lua_setfield(L, 2, name);
  return 1;
}
static int g_collectgarbage(lua_State *L) {
  static const char *const opts[] = {"count", NULL};
  luaL_checkoption(L, 1, "count", opts);
  lua_pushnumber(L, (lua_Number)ms_of(L)->used / 1024.0);
  return 1;
}
static int g_traceback(lua_State *L) {
  const char *m = luaL_optstring(L, 1, NULL);
  luaL_traceback(L, L, m, 1);
  return 1;
}

// ---- string ---------------------------------------------------------------------------------
static int g_rep(lua_State *L) {
  ms_vm *vm = ms_of(L);
  size_t n, ns; const char *s = luaL_checklstring(L, 1, &n);
  lua_Integer k = luaL_checkinteger(L, 2);
  const char *sep = luaL_optlstring(L, 3, "", &ns);
  if (k <= 0 || n + ns == 0) { lua_pushliteral(L, ""); return 1; }   // stock 5.4.4 loops k times over nothing
  size_t max = vm->cfg.max_block ? vm->cfg.max_block : (size_t)1 << 31;
  if ((lua_Unsigned)k > (lua_Unsigned)(max / (n + ns)) + 1) return luaL_error(L, "resulting string too large");
  size_t total = n * (size_t)k + ns * (size_t)(k - 1);
  if (total > max) return luaL_error(L, "resulting string too large");
  ms_tick(L, vm, total / 16 + 1);
  luaL_Buffer b; char *p = luaL_buffinitsize(L, &b, total), *q = p;
  size_t unit = n + ns;
  memcpy(q, s, n); if (ns && k > 1) memcpy(q + n, sep, ns);
  if (k > 1) {
    size_t have = unit, want = unit * (size_t)(k - 1);
    while (have < want) { size_t c = have < want - have ? have : want - have; memcpy(p + have, p, c); have += c; }
    memcpy(p + want, s, n);
  }
  luaL_pushresultsize(&b, total);
  return 1;
}

// ---- table ------------------------------------------------------------------------------------
static lua_Integer plain(lua_State *L, int i) {      // a table without length/index metamethods
  luaL_checktype(L, i, LUA_TTABLE);
  if (lua_getmetatable(L, i)) {
    static const char *const bad[] = {"__index", "__newindex", "__len", NULL};
    for (int k = 0; bad[k]; k++) {
      lua_pushstring(L, bad[k]);
      if (lua_rawget(L, -2) != LUA_TNIL) luaL_argerror(L, i, "a plain table is needed (this one has metamethods)");
      lua_pop(L, 1);
    }
    lua_pop(L, 1);
  }
  return (lua_Integer)lua_rawlen(L, i);
}
static int t_insert(lua_State *L) {
  lua_Integer e = plain(L, 1) + 1, pos;
  switch (lua_gettop(L)) {
    case 2: pos = e; break;
    case 3: {
      pos = luaL_checkinteger(L, 2);
      luaL_argcheck(L, pos >= 1 && pos <= e, 2, "position out of bounds");
      ms_tick(L, ms_of(L), (size_t)(e - pos) + 1);
      for (lua_Integer i = e; i > pos; i--) { lua_rawgeti(L, 1, i - 1); lua_rawseti(L, 1, i); if ((i & 4095) == 0) ms_tick(L, ms_of(L), 4096); }
      break;
    }
    default: return luaL_error(L, "wrong number of arguments to 'insert'");
  }
  lua_rawseti(L, 1, pos);
  return 0;
}
static int t_remove(lua_State *L) {
  lua_Integer n = plain(L, 1), pos = luaL_optinteger(L, 2, n);
  if (lua_gettop(L) >= 2) luaL_argcheck(L, (lua_Unsigned)pos - 1u <= (lua_Unsigned)n, 2, "position out of bounds");
  lua_rawgeti(L, 1, pos);
  for (; pos < n; pos++) { lua_rawgeti(L, 1, pos + 1); lua_rawseti(L, 1, pos); if ((pos & 4095) == 0) ms_tick(L, ms_of(L), 4096); }
  if (pos >= 1 || n == 0) { lua_pushnil(L); lua_rawseti(L, 1, pos); }
  return 1;
}
static int t_concat(lua_State *L) {
  lua_Integer n = plain(L, 1);
  size_t ls; const char *sep = luaL_optlstring(L, 2, "", &ls);
  lua_Integer i = luaL_optinteger(L, 3, 1), last = luaL_optinteger(L, 4, n);
  luaL_Buffer b; luaL_buffinit(L, &b);
  for (; i <= last; i++) {
    lua_rawgeti(L, 1, i);
    if (!lua_isstring(L, -1)) return luaL_error(L, "invalid value (at index %I) in table for 'concat'", (LUAI_UACINT)i);
    luaL_addvalue(&b);
    if (i < last) luaL_addlstring(&b, sep, ls);
    ms_tick(L, ms_of(L), 8);
    if (i == LUA_MAXINTEGER) break;
  }
  luaL_pushresult(&b);
  return 1;
}
static int t_move(lua_State *L) {
  lua_Integer f = luaL_checkinteger(L, 2), e = luaL_checkinteger(L, 3), t = luaL_checkinteger(L, 4);
  int tt = !lua_isnoneornil(L, 5) ? 5 : 1;
  plain(L, 1); if (tt == 5) plain(L, 5);
  if (e >= f) {
    luaL_argcheck(L, f > 0 || e < LUA_MAXINTEGER + f, 3, "too many elements to move");
    luaL_argcheck(L, t <= LUA_MAXINTEGER - (e - f + 1) + 1, 4, "destination wrap around");
    lua_Integer n = e - f + 1;
    bool up = t > e || t <= f || (tt != 1 && !lua_rawequal(L, 1, tt));
    for (lua_Integer i = 0; i < n; i++) {
      lua_Integer k = up ? i : n - 1 - i;
      lua_rawgeti(L, 1, f + k); lua_rawseti(L, tt, t + k);
      ms_tick(L, ms_of(L), 4);
    }
  }
  lua_pushvalue(L, tt);
  return 1;
}
static int sort_lt(lua_State *L) {
  size_t a = lua_type(L, 1) == LUA_TSTRING ? lua_rawlen(L, 1) : 0;
  ms_tick(L, ms_of(L), 8 + a / 8);
  lua_pushboolean(L, lua_compare(L, 1, 2, LUA_OPLT));
  return 1;
}
static int sort_c(lua_State *L) {                     // a C comparator given by the script, ticked
  ms_tick(L, ms_of(L), 8);
  lua_pushvalue(L, lua_upvalueindex(1)); lua_insert(L, 1);
  lua_call(L, 2, 1);
  return 1;
}
static int t_sort(lua_State *L) {
  plain(L, 1);
  lua_settop(L, 2);
  if (lua_isnil(L, 2)) {
    // small and made of short things: liblua's own comparison, no per-comparison call
    lua_Unsigned n = lua_rawlen(L, 1), bytes = 0, i = 1;
    if (n <= 4096) for (; i <= n && bytes <= 65536; i++) {
      int t = lua_rawgeti(L, 1, (lua_Integer)i);
      if (t == LUA_TSTRING) bytes += lua_rawlen(L, -1); else if (t != LUA_TNUMBER) bytes = 1 << 30;
      lua_pop(L, 1);
    }
    if (n <= 4096 && bytes <= 65536) ms_tick(L, ms_of(L), n * 8 + bytes);
    else { lua_pushcfunction(L, sort_lt); lua_replace(L, 2); }
  }
  else if (lua_iscfunction(L, 2)) { lua_pushcclosure(L, sort_c, 1); }
  lua_pushvalue(L, lua_upvalueindex(1)); lua_insert(L, 1);
  lua_call(L, 2, 0);
  return 0;
}
int ms_null_tostring(lua_State *L) { lua_pushliteral(L, "null"); return 1; }

// ---- assembly ---------------------------------------------------------------------------------
static void copy_fields(lua_State *L, int from, int to, const char *const *names) {
  for (; *names; names++) { lua_getfield(L, from, *names); lua_setfield(L, to, *names); }
}
static const luaL_Reg guarded_string[] = {{"rep", g_rep}, {NULL, NULL}};
static const luaL_Reg guarded_table[] = {{"insert", t_insert}, {"remove", t_remove}, {"concat", t_concat}, {"move", t_move}, {NULL, NULL}};

void ms_open_stdlib(lua_State *L, ms_vm *vm) {
  luaL_checkstack(L, 30, NULL);
  // the array marker (one metatable without metamethods)
  lua_createtable(L, 0, 2); lua_pushliteral(L, "array"); lua_setfield(L, -2, "__name");
  lua_pushliteral(L, "array"); lua_setfield(L, -2, "__metatable");      // never handed out: it is a live metatable
  vm->array_mt_p = lua_topointer(L, -1); vm->array_mt = luaL_ref(L, LUA_REGISTRYINDEX);
  lua_newtable(L); vm->modules = luaL_ref(L, LUA_REGISTRYINDEX);
  lua_newtable(L); vm->loaded = luaL_ref(L, LUA_REGISTRYINDEX);
  lua_newtable(L); lua_newtable(L); lua_pushliteral(L, "k"); lua_setfield(L, -2, "__mode"); lua_setmetatable(L, -2);
  vm->mtmap = luaL_ref(L, LUA_REGISTRYINDEX);

  lua_newtable(L); int G = lua_gettop(L);               // what scripts can name

  luaL_requiref(L, LUA_GNAME, luaopen_base, 0); int base = lua_gettop(L);
  static const char *const base_ok[] = {"assert", "error", "ipairs", "next", "pairs", "rawequal", "rawlen", "rawget", "select", "tonumber", "tostring", "type", "_VERSION", NULL};
  copy_fields(L, base, G, base_ok);
  struct { const char *n; lua_CFunction f; bool stock; } own[] = {
    {"pcall", g_pcall, false}, {"xpcall", g_xpcall, false},
    {"setmetatable", g_setmetatable, false}, {"getmetatable", g_getmetatable, false},
    {"rawset", g_rawset, false}, {"require", g_require, false}, {"collectgarbage", g_collectgarbage, false} };
  for (size_t i = 0; i < sizeof own / sizeof *own; i++) {
    if (own[i].stock) lua_getfield(L, base, own[i].n); else if (own[i].f == g_setmetatable) push_setmetatable(L); else lua_pushcfunction(L, own[i].f);
    lua_setfield(L, G, own[i].n);
  }
  lua_settop(L, G);

  // string
  luaL_requiref(L, LUA_STRLIBNAME, luaopen_string, 0); int str = lua_gettop(L);
  lua_newtable(L); int S = lua_gettop(L);
  static const char *const str_ok[] = {"byte", "char", "format", "len", "lower", "reverse", "sub", "upper", NULL};
  copy_fields(L, str, S, str_ok);
  { luaL_setfuncs(L, guarded_string, 0); ms_open_pattern(L); }
  lua_pushliteral(L, ""); lua_getmetatable(L, -1);
  lua_pushvalue(L, S); lua_setfield(L, -2, "__index");    // ("x"):upper()
  lua_pushboolean(L, 0); lua_setfield(L, -2, "__metatable");
  lua_pop(L, 2);
  push_view(L, "string");
  lua_setfield(L, G, "string");
  lua_settop(L, G);

  // table
  luaL_requiref(L, LUA_TABLIBNAME, luaopen_table, 0); int tab = lua_gettop(L);
  lua_newtable(L); int T = lua_gettop(L);
  static const char *const tab_ok[] = {"pack", "unpack", NULL};
  copy_fields(L, tab, T, tab_ok);
  {
    luaL_setfuncs(L, guarded_table, 0);
    lua_getfield(L, tab, "sort"); lua_pushcclosure(L, t_sort, 1); lua_setfield(L, T, "sort");
  }
  push_view(L, "table");
  lua_setfield(L, G, "table");
  lua_settop(L, G);

  luaL_requiref(L, LUA_MATHLIBNAME, luaopen_math, 0);
  push_view(L, "math");
  lua_setfield(L, G, "math"); lua_settop(L, G);
  luaL_requiref(L, LUA_UTF8LIBNAME, luaopen_utf8, 0);
  push_view(L, "utf8");
  lua_setfield(L, G, "utf8"); lua_settop(L, G);

  ms_open_coroutine(L);
  push_view(L, "coroutine");
  lua_setfield(L, G, "coroutine"); lua_settop(L, G);

  lua_newtable(L); lua_pushcfunction(L, g_traceback); lua_setfield(L, -2, "traceback"); push_view(L, "debug"); lua_setfield(L, G, "debug");

  lua_pushlightuserdata(L, NULL); lua_setfield(L, G, "null");
  // for the prelude, which takes them away again
  lua_rawgeti(L, LUA_REGISTRYINDEX, vm->array_mt); lua_setfield(L, G, "__array_mt");
  lua_createtable(L, 0, 2); lua_pushliteral(L, "outcome"); lua_setfield(L, -2, "__name"); lua_pushboolean(L, 0); lua_setfield(L, -2, "__metatable");
  vm->control_mt_p = lua_topointer(L, -1); lua_setfield(L, G, "__control_mt");
  lua_pushcfunction(L, p_view); lua_setfield(L, G, "__view");
  lua_pushcfunction(L, p_entry); lua_setfield(L, G, "__entry");
  lua_pushcfunction(L, p_try); lua_setfield(L, G, "__try");

  // null prints as "null"; light userdata share one metatable
  lua_pushlightuserdata(L, NULL);
  lua_createtable(L, 0, 2); lua_pushcfunction(L, ms_null_tostring); lua_setfield(L, -2, "__tostring");
  lua_pushboolean(L, 0); lua_setfield(L, -2, "__metatable");
  lua_setmetatable(L, -2); lua_pop(L, 1);

  // names nobody defined are errors
  lua_createtable(L, 0, 2); lua_pushcfunction(L, env_undefined); lua_setfield(L, -2, "__index");
  lua_pushboolean(L, 0); lua_setfield(L, -2, "__metatable");
  lua_setmetatable(L, G);
  // the environment is an empty view of it
  lua_newtable(L); lua_createtable(L, 0, 3);
  lua_pushvalue(L, G); lua_setfield(L, -2, "__index");
  lua_pushcfunction(L, env_assign); lua_setfield(L, -2, "__newindex");
  lua_pushboolean(L, 0); lua_setfield(L, -2, "__metatable");
  lua_setmetatable(L, -2);
  lua_pushvalue(L, -1); lua_setfield(L, G, "_G");
  vm->env = luaL_ref(L, LUA_REGISTRYINDEX);
  lua_pop(L, 1);
  // liblua's own globals table stays empty and out of reach; forget the stock libraries
  lua_pushnil(L); lua_setfield(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
  lua_newtable(L); lua_setfield(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);   // luaL_traceback looks here
}
