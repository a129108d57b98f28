// State life cycle, budgets, runs. Every Lua API call which can raise happens under a
// lua_pcall/lua_resume whose handler frame is C, inside this file.
#include "ms_internal.h"
#include <stdio.h>
#include <pthread.h>

char ms_kill_token;

static uint64_t clk(clockid_t id) { struct timespec t; clock_gettime(id, &t); return (uint64_t)t.tv_sec * 1000000000ull + (uint64_t)t.tv_nsec; }
uint64_t ms_now_wall(void) { return clk(CLOCK_MONOTONIC); }
uint64_t ms_now_cpu(void) { return clk(CLOCK_THREAD_CPUTIME_ID); }
// The budget is CPU time, so that a busy machine does not kill an innocent script. The thread CPU
// clock costs 20 times the monotonic one here (a system call), so it is read only when the wall
// clock says that the budget may be gone: CPU time never runs faster than wall time.
void ms_arm(ms_vm *vm, uint64_t left) { vm->armed = true; vm->left = left; vm->cpu0 = 0; vm->wall0 = left == UINT64_MAX ? 0 : ms_now_wall(); vm->ticks = 0; vm->churn = 0; }
bool ms_late(ms_vm *vm) {
  if (vm->left == UINT64_MAX) return false;
  uint64_t wall = ms_now_wall() - vm->wall0;
  if (vm->cpu0 == 0) { vm->cpu0 = ms_now_cpu(); vm->wall0 += wall; vm->left -= wall < vm->left ? (wall < 200000 ? wall : 200000) : 0; return false; }
  if (wall <= vm->left) return false;
  return ms_now_cpu() - vm->cpu0 > vm->left;
}
// Returns what remains of the budget.
uint64_t ms_disarm(ms_vm *vm) {
  vm->armed = false;
  if (vm->left == UINT64_MAX) return UINT64_MAX;
  uint64_t wall = ms_now_wall() - vm->wall0, spent = wall;
  if (vm->cpu0) spent = ms_now_cpu() - vm->cpu0; else if (spent > 100000) spent = 100000;
  return spent < vm->left ? vm->left - spent : 0;
}

// ---- allocator ---------------------------------------------------------------
// Three jobs: account, cap, and act as a tripwire. A script which spends its time inside
// allocating C code (.. on large strings) meets no VM hook; it does meet realloc.
bool ms_late(ms_vm *vm);
static void *ms_refuse(ms_vm *vm) {
  vm->oom++;
  // each refusal costs a full emergency collection: a script which catches them must still meet the clock
  if (vm->armed && !vm->killed && ms_late(vm)) { vm->killed = MS_E_CPU; if (vm->cur) vm->cur->killed = MS_E_CPU; }
  return NULL;
}
static void *ms_alloc(void *ud, void *ptr, size_t osize, size_t nsize) {
  ms_vm *vm = ud;
  if (!ptr) osize = 0;                       // osize is then a type tag
  if (nsize == 0) { vm->used -= osize; free(ptr); return NULL; }
  if (nsize > osize) {
#ifdef MS_TEST
    extern long ms_test_fail_at, ms_test_fail_n, ms_test_count;
    ms_test_count++;
    if (ms_test_fail_at && ms_test_count >= ms_test_fail_at && ms_test_count < ms_test_fail_at + ms_test_fail_n) { vm->oom++; return NULL; }
#endif
    if (vm->cfg.memory_limit && vm->used - osize + nsize > vm->cfg.memory_limit + vm->grace) return ms_refuse(vm);
    if (vm->cfg.max_block && nsize > vm->cfg.max_block) return ms_refuse(vm);
    if (vm->armed) {
      if (vm->killed) return NULL;
      vm->churn += nsize;
      if (vm->churn >= 1u << 20) {
        vm->churn = 0;
        if (ms_late(vm)) { vm->killed = MS_E_CPU; if (vm->cur) vm->cur->killed = MS_E_CPU; return NULL; }
      }
    }
  }
  void *p = realloc(ptr, nsize);
  if (!p) { if (nsize <= osize) return ptr; vm->oom++; return NULL; }   // shrinking must never fail
  vm->used = vm->used - osize + nsize;
  if (vm->used > vm->peak) vm->peak = vm->used;
  if (nsize > osize) vm->allocs++;
  return p;
}

// ---- budget --------------------------------------------------------------------
void ms_kill(lua_State *L, ms_vm *vm, int kind) {
  vm->killed = kind;
  if (vm->cur) vm->cur->killed = kind;
  // From now on every instruction of this thread raises, so that pcall cannot swallow it (as Redis does).
  lua_sethook(L, ms_hook, LUA_MASKCOUNT, 1);
  lua_pushlightuserdata(L, &ms_kill_token);
  lua_error(L);
}
void ms_check(lua_State *L, ms_vm *vm) {
  if (!vm->armed) return;
  if (vm->killed) ms_kill(L, vm, vm->killed);
  if (ms_late(vm)) ms_kill(L, vm, MS_E_CPU);
}
void ms_hook(lua_State *L, lua_Debug *ar) {
  ms_vm *vm = ms_of(L);
  if (ar->event == LUA_HOOKLINE) { if (vm->cov_on) ms_cover_line(L, vm, ar); return; }
  vm->hooks++;
  ms_check(L, vm);
}
void ms_install_hook(lua_State *L, ms_vm *vm) {
  int mask = 0;
  if (vm->cfg.hook_every) mask |= LUA_MASKCOUNT;
  if (vm->cov_on) mask |= LUA_MASKLINE;
  if (mask) lua_sethook(L, ms_hook, mask, (int)vm->cfg.hook_every);
  else lua_sethook(L, NULL, 0, 0);
}

// ---- panic: an error outside any protected call. Last resort, C frames only. -----
static int ms_panic(lua_State *L) {
  ms_vm *vm = ms_of(L);
  vm->poisoned = true;
  if (vm->panic) longjmp(*vm->panic, 1);
  return 0;   // Lua then aborts
}

// ---- open / close ------------------------------------------------------------------
static int p_open(lua_State *L) {
  ms_vm *vm = lua_touserdata(L, 1);
  ms_open_stdlib(L, vm);
  return 0;
}
ms_vm *ms_open(const ms_config *cfg, ms_host_fn host, void *user) {
  ms_vm *vm = calloc(1, sizeof *vm);
  if (!vm) return NULL;
  vm->cfg = *cfg; vm->host = host; vm->user = user; vm->next_id = 1;
  vm->L = lua_newstate(ms_alloc, vm);
  if (!vm->L) { free(vm); return NULL; }
  *(ms_vm **)lua_getextraspace(vm->L) = vm;
  lua_atpanic(vm->L, ms_panic);
  jmp_buf jb; vm->panic = &jb;
  if (setjmp(jb)) { free(vm); return NULL; }
  lua_gc(vm->L, LUA_GCSTOP);
  lua_pushcfunction(vm->L, p_open);
  lua_pushlightuserdata(vm->L, vm);
  int st = lua_pcall(vm->L, 1, 0, 0);
  vm->panic = NULL;
  if (st != LUA_OK) { lua_close(vm->L); free(vm); return NULL; }
  lua_gc(vm->L, LUA_GCRESTART);
  return vm;
}
void ms_close(ms_vm *vm) {
  if (!vm) return;
  if (!vm->poisoned) {                       // a poisoned state is abandoned, not walked
    jmp_buf jb; vm->panic = &jb;
    if (!setjmp(jb)) { vm->killed = 0; ms_arm(vm, 50000000ull); lua_close(vm->L); }
    vm->armed = false;
  }
  while (vm->runs) { ms_run *r = vm->runs; vm->runs = r->next; free(r); }
  while (vm->free_runs) { ms_run *r = vm->free_runs; vm->free_runs = r->next; free(r); }
  free(vm->args.p); free(vm->out.p); free(vm->reply.p); free(vm->tb.p);
  ms_cover_free(vm);
  free(vm);
}
ms_stats ms_statistics(ms_vm *vm) {
  ms_stats o; memset(&o, 0, sizeof o);
  o.used = vm->used; o.peak = vm->peak; o.refused = vm->oom; o.runs = vm->nruns; o.hooks = vm->hooks;
  o.coroutines = vm->ncoroutines; o.cpu_ns = vm->last_cpu;
  return o;
}
void ms_collect(ms_vm *vm) { if (!vm->poisoned) lua_gc(vm->L, LUA_GCCOLLECT); }
void ms_poison(ms_vm *vm) { vm->poisoned = true; }
int32_t ms_seal(ms_vm *vm) { (void)vm; return 0; }
void ms_name_phase(ms_vm *vm, uint32_t phase, const char *name) { (void)vm; (void)phase; (void)name; }
size_t ms_stack_size(void) { return 0; }

// ---- results ----------------------------------------------------------------------
static ms_step failed(ms_vm *vm, int kind) {
  ms_step s; memset(&s, 0, sizeof s);
  s.status = MS_FAILED; s.error = kind;
  s.run = vm->cur ? vm->cur->id : 0;
  s.data = vm->out.p; s.size = vm->out.n;
  s.traceback = vm->tb.n ? (const char *)vm->tb.p : ""; s.file = vm->file; s.line = vm->line;
  return s;
}
static void out_string(ms_vm *vm, const char *msg, size_t n) {
  // a repaired string: error texts may hold any bytes
  vm->out.n = 0;
  uint8_t t = MS_T_STR; uint32_t k = (uint32_t)(n > 4000 ? 4000 : n);
  ms_buf_put(&vm->out, &t, 1); ms_buf_put(&vm->out, &k, 4);
  size_t at = vm->out.n;
  ms_buf_put(&vm->out, msg, k);
  for (size_t i = at; i < vm->out.n; i++) if (vm->out.p[i] >= 0x80) vm->out.p[i] = '?';
}
static void set_tb(ms_vm *vm, const char *s, size_t n) {
  if (n > 8000) n = 8000;
  vm->tb.n = 0; ms_buf_put(&vm->tb, s, n); ms_buf_put(&vm->tb, "", 1); vm->tb.n--;
}

// Where is `co` now? The first Lua frame of a script chunk.
static void locate(ms_vm *vm, lua_State *co) {
  lua_Debug ar; vm->file[0] = 0; vm->line = 0;
  for (int lv = 0; lv < 200 && lua_getstack(co, lv, &ar); lv++) {
    if (!lua_getinfo(co, "Sl", &ar)) continue;
    if (ar.currentline > 0 && ar.source[0] == '@') { snprintf(vm->file, sizeof vm->file, "%s", ar.source + 1); vm->line = ar.currentline; return; }
  }
}

// protected: [1]=vm. The failed coroutine's error value is on its top.
static int p_error(lua_State *L) {
  ms_vm *vm = lua_touserdata(L, 1);
  lua_State *co = lua_touserdata(L, 2);
  if (!lua_checkstack(co, 10)) return 0;
  bool is_str = lua_type(co, -1) == LUA_TSTRING;
  luaL_traceback(L, co, NULL, 0);
  size_t n; const char *s = lua_tolstring(L, -1, &n);
  set_tb(vm, s, n);
  lua_pop(L, 1);
  if (is_str) { s = lua_tolstring(co, -1, &n); out_string(vm, s, n); return 0; }
  lua_pushvalue(co, -1); lua_xmove(co, L, 1);
  vm->out.n = 0;
  ms_encode(L, vm, &vm->out, -1);
  return 0;
}
static int p_result(lua_State *L) {     // [1]=vm [2]=co [3]=nres
  ms_vm *vm = lua_touserdata(L, 1);
  lua_State *co = lua_touserdata(L, 2);
  int n = (int)lua_tointeger(L, 3);
  if (n == 0) { lua_pushnil(L); }
  else { lua_settop(co, lua_gettop(co) - (n - 1)); lua_xmove(co, L, 1); }
  vm->out.n = 0;
  ms_encode(L, vm, &vm->out, -1);
  return 0;
}

static void drop_run(ms_vm *vm, ms_run *r, bool reusable) {
  ms_run **pp = &vm->runs;
  while (*pp && *pp != r) pp = &(*pp)->next;
  if (*pp) *pp = r->next;
  if (r->co) {
    if (reusable && vm->nidle < MS_MAX_IDLE && lua_status(r->co) == LUA_OK) {
      lua_settop(r->co, 0);
      vm->idle[vm->nidle].ref = r->ref; vm->idle[vm->nidle].co = r->co; vm->nidle++;
    } else luaL_unref(vm->L, LUA_REGISTRYINDEX, r->ref);
  }
  r->next = vm->free_runs; vm->free_runs = r;
  if (vm->cur == r) vm->cur = NULL;
}

static ms_step drive(ms_vm *vm, ms_run *r, int nargs) {
  lua_State *L = vm->L, *co = r->co;
  jmp_buf jb; volatile int nres = 0; int n = 0, st;
  ms_step s; memset(&s, 0, sizeof s);
  vm->cur = r; vm->killed = 0; vm->host_yield = false; vm->chain = NULL;
  vm->tb.n = 0; vm->out.n = 0; vm->file[0] = 0; vm->line = 0;
  ms_arm(vm, vm->cfg.cpu_budget_ns ? r->cpu_left : UINT64_MAX);
  vm->panic = &jb;
  vm->running = co;
  if (setjmp(jb)) {
    vm->armed = false; vm->panic = NULL; vm->running = NULL; vm->poisoned = true;
    out_string(vm, "the Lua state panicked", 22);
    return failed(vm, MS_E_POISONED);
  }
  st = lua_resume(co, NULL, nargs, &n);
  nres = n;
  vm->running = NULL;
  uint64_t left = ms_disarm(vm);
  if (vm->cfg.cpu_budget_ns) r->cpu_left = left;
  if (st == LUA_YIELD && vm->host_yield) {
    r->pending = true;
    s.status = MS_PENDING; s.run = r->id; s.fn = vm->pending_fn;
    s.data = vm->args.p; s.size = vm->args.n;
    vm->panic = NULL; vm->cur = NULL;
    return s;
  }
  vm->nruns++;
  vm->last_cpu = vm->cfg.cpu_budget_ns - r->cpu_left;
  if (st == LUA_OK) {
    lua_pushcfunction(L, p_result);
    lua_pushlightuserdata(L, vm); lua_pushlightuserdata(L, co); lua_pushinteger(L, nres);
    int pst = lua_pcall(L, 3, 0, 0);
    vm->panic = NULL;
    if (pst != LUA_OK) {
      size_t k; const char *m = lua_type(L, -1) == LUA_TSTRING ? lua_tolstring(L, -1, &k) : (k = 1, "?");
      out_string(vm, m, k); lua_pop(L, 1);
      s = failed(vm, pst == LUA_ERRMEM ? MS_E_MEMORY : MS_E_CONVERT);
      drop_run(vm, r, true);
      return s;
    }
    s.status = MS_DONE; s.run = r->id; s.data = vm->out.p; s.size = vm->out.n;
    drop_run(vm, r, true);
    return s;
  }
  // failure (or a yield from the script itself to the top, which our coroutine library refuses)
  int kind = r->killed ? r->killed : st == LUA_ERRMEM ? MS_E_MEMORY : st == LUA_YIELD ? MS_E_MISUSE : MS_E_RUNTIME;
  vm->grace = 256u << 10;
  locate(vm, co);
  if (kind == MS_E_RUNTIME) {
    lua_pushcfunction(L, p_error); lua_pushlightuserdata(L, vm); lua_pushlightuserdata(L, co);
    if (lua_pcall(L, 2, 0, 0) != LUA_OK) { lua_pop(L, 1); out_string(vm, "(error value cannot be shown)", 29); }
  } else {
    static const char *const text[] = {"", "", "", "not enough memory: the plugin reached its memory limit", "CPU time limit exceeded", "cancelled", "", "", "attempt to yield from outside a coroutine"};
    out_string(vm, text[kind], strlen(text[kind]));
    lua_pushcfunction(L, p_error); lua_pushlightuserdata(L, vm); lua_pushlightuserdata(L, co);
    // traceback only; keep our text
    ms_buf keep = vm->out; memset(&vm->out, 0, sizeof vm->out);
    if (lua_pcall(L, 2, 0, 0) != LUA_OK) lua_pop(L, 1);
    free(vm->out.p); vm->out = keep;
  }
  s = failed(vm, kind);
  // Close the dead thread: with the kill flag up, any handler dies at its first instruction.
  vm->killed = kind == MS_E_CPU ? MS_E_CPU : 0; ms_arm(vm, 5000000ull);
  lua_resetthread(co);
  vm->armed = false; vm->panic = NULL; vm->grace = 0;
  drop_run(vm, r, false);
  return s;
}

typedef struct start_args { ms_vm *vm; const char *name; const uint8_t *p; size_t n; int mode; const char *chunk; ms_run *run; int nargs; } start_args;

static int p_start(lua_State *L) {
  start_args *a = lua_touserdata(L, 1);
  ms_vm *vm = a->vm; ms_run *r = a->run;
  if (vm->nidle > 0) { vm->nidle--; r->ref = vm->idle[vm->nidle].ref; r->co = vm->idle[vm->nidle].co; }
  else { lua_State *co = lua_newthread(L); r->ref = luaL_ref(L, LUA_REGISTRYINDEX); r->co = co; }
  ms_install_hook(r->co, vm);
  luaL_checkstack(L, 20, NULL);
  if (a->mode == 1) {                      // a chunk
    if (luaL_loadbufferx(L, (const char *)a->p, a->n, a->chunk, "t") != LUA_OK) {
      size_t k; const char *m = lua_tolstring(L, -1, &k);
      out_string(vm, m, k); lua_pushboolean(L, 1); return 1;
    }
    lua_rawgeti(L, LUA_REGISTRYINDEX, vm->env);
    lua_setupvalue(L, -2, 1);
    lua_xmove(L, r->co, 1); a->nargs = 0;
    return 0;
  }
  if (a->name) { lua_rawgeti(L, LUA_REGISTRYINDEX, vm->driver); lua_getfield(L, -1, a->name); lua_remove(L, -2); }
  else lua_rawgeti(L, LUA_REGISTRYINDEX, vm->entry);
  if (lua_type(L, -1) != LUA_TFUNCTION) return luaL_error(L, "no function to call (%s)", a->name ? a->name : "entry");
  a->nargs = ms_decode_list(L, vm, a->p, a->n);
  if (!lua_checkstack(r->co, a->nargs + 2)) return luaL_error(L, "too many arguments");
  lua_xmove(L, r->co, a->nargs + 1);
  return 0;
}

static ms_step start(ms_vm *vm, int mode, const char *name, const char *chunk, const uint8_t *p, size_t n) {
  ms_step s; memset(&s, 0, sizeof s);
  if (vm->poisoned) { out_string(vm, "state is poisoned", 17); vm->cur = NULL; return failed(vm, MS_E_POISONED); }
  if (vm->in_host) { out_string(vm, "re-entered from a host function", 31); return failed(vm, MS_E_MISUSE); }
  ms_run *r = vm->free_runs;
  if (r) vm->free_runs = r->next; else { r = malloc(sizeof *r); if (!r) abort(); }
  memset(r, 0, sizeof *r);
  r->id = vm->next_id++; r->cpu_left = vm->cfg.cpu_budget_ns; r->phase = vm->phase;
  r->next = vm->runs; vm->runs = r;
  vm->cur = r; vm->tb.n = 0; vm->out.n = 0; vm->file[0] = 0; vm->line = 0;
  start_args a = { vm, name, p, n, mode, chunk, r, 0 };
  jmp_buf jb; vm->panic = &jb;
  if (setjmp(jb)) { vm->panic = NULL; vm->poisoned = true; out_string(vm, "the Lua state panicked", 22); return failed(vm, MS_E_POISONED); }
  lua_State *L = vm->L;
  lua_pushcfunction(L, p_start); lua_pushlightuserdata(L, &a);
  int st = lua_pcall(L, 1, 1, 0);
  vm->panic = NULL;
  if (st != LUA_OK) {
    size_t k; const char *m = lua_type(L, -1) == LUA_TSTRING ? lua_tolstring(L, -1, &k) : (k = 1, "?");
    out_string(vm, m, k); lua_pop(L, 1);
    s = failed(vm, st == LUA_ERRMEM ? MS_E_MEMORY : MS_E_CONVERT);
    drop_run(vm, r, false);
    return s;
  }
  bool syntax = lua_toboolean(L, -1); lua_pop(L, 1);
  if (syntax) {
    // "file:line: message near ..." comes from the compiler
    s = failed(vm, MS_E_SYNTAX); drop_run(vm, r, true); return s;
  }
  return drive(vm, r, a.nargs);
}

ms_step ms_start(ms_vm *vm, const char *name, uint32_t phase, uint64_t cpu_ns, const uint8_t *tape, size_t n) { vm->phase = phase; (void)cpu_ns; return start(vm, 0, name, NULL, tape, n); }
ms_step ms_locate(ms_vm *vm, uint32_t run) { (void)run; ms_step s; memset(&s, 0, sizeof s); s.file = vm->file; return s; }

static ms_run *find_run(ms_vm *vm, uint32_t id) { for (ms_run *r = vm->runs; r; r = r->next) if (r->id == id) return r; return NULL; }

ms_step ms_resume(ms_vm *vm, uint32_t run, bool is_error, const uint8_t *tape, size_t n) {
  ms_run *r = vm->poisoned ? NULL : find_run(vm, run);
  if (!r || !r->pending) { vm->cur = NULL; out_string(vm, "no such pending run", 19); return failed(vm, vm->poisoned ? MS_E_POISONED : MS_E_MISUSE); }
  r->pending = false;
  vm->in_p = tape; vm->in_n = n; vm->in_err = is_error;
  return drive(vm, r, 0);
}
void ms_cancel(ms_vm *vm, uint32_t run) {
  ms_run *r = vm->poisoned ? NULL : find_run(vm, run);
  if (!r) return;
  jmp_buf jb; vm->panic = &jb;
  if (setjmp(jb)) { vm->panic = NULL; vm->poisoned = true; vm->armed = false; return; }
  vm->cur = r; vm->killed = r->killed = MS_E_CANCELLED; ms_arm(vm, 5000000ull);
  lua_resetthread(r->co);                     // runs no script code: __close is refused by our setmetatable
  vm->armed = false; vm->killed = 0; vm->panic = NULL;
  drop_run(vm, r, false);
}

// ---- loading ----------------------------------------------------------------------
static int p_keep(lua_State *L) {            // keeps the chunk's result
  ms_vm *vm = lua_touserdata(L, 1); (void)vm;
  return 0;
}
typedef struct prelude_args { ms_vm *vm; const char *chunk, *src; size_t n; int err; } prelude_args;
static int p_prelude(lua_State *L) {
  prelude_args *a = lua_touserdata(L, 1); ms_vm *vm = a->vm;
  if (luaL_loadbufferx(L, a->src, a->n, a->chunk, "t") != LUA_OK) return lua_error(L);
  lua_rawgeti(L, LUA_REGISTRYINDEX, vm->env);
  // the prelude may define globals: it gets the table behind the read-only environment
  lua_getmetatable(L, -1); lua_getfield(L, -1, "__index"); lua_replace(L, -3); lua_pop(L, 1);
  lua_setupvalue(L, -2, 1);
  if (vm->driver) {                                   // a later prelude extends the driver
    lua_rawgeti(L, LUA_REGISTRYINDEX, vm->driver); lua_getfield(L, -1, "__parts");
    lua_call(L, 2, 0);
    return 0;
  }
  lua_call(L, 0, 1);
  vm->driver = luaL_ref(L, LUA_REGISTRYINDEX);
  return 0;
}
ms_step ms_prelude(ms_vm *vm, const char *chunk, const char *src, size_t n) {
  (void)p_keep;
  ms_step s; memset(&s, 0, sizeof s);
  prelude_args a = { vm, chunk, src, n, 0 };
  lua_State *L = vm->L; vm->cur = NULL;
  lua_pushcfunction(L, p_prelude); lua_pushlightuserdata(L, &a);
  int st = lua_pcall(L, 1, 0, 0);
  if (st != LUA_OK) { size_t k; const char *m = luaL_tolstring(L, -1, &k); out_string(vm, m, k); lua_pop(L, 2); return failed(vm, MS_E_RUNTIME); }
  return s;
}
// Loading runs the chunk like any other run (budgeted), then keeps its value in the registry.
static int store_entry(lua_State *L) {
  ms_vm *vm = ms_of(L);
  lua_settop(L, 1);
  if (vm->entry) luaL_unref(L, LUA_REGISTRYINDEX, vm->entry);
  vm->entry = luaL_ref(L, LUA_REGISTRYINDEX);
  lua_pushboolean(L, 1);
  return 1;
}
static int chunk_runner(lua_State *L);
static int chunk_runner_k(lua_State *L, int st, lua_KContext c) { (void)st; (void)c; return store_entry(L); }
static int chunk_runner(lua_State *L) {       // upvalue 1: the compiled chunk
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_callk(L, 0, 1, 0, chunk_runner_k);
  return store_entry(L);
}
static int p_wrap_chunk(lua_State *L) {
  start_args *a = lua_touserdata(L, 1);
  ms_vm *vm = a->vm;
  int ls = luaL_loadbufferx(L, (const char *)a->p, a->n, a->chunk, "t");
  if (ls != LUA_OK) {
    size_t k; const char *m = lua_tolstring(L, -1, &k);
    out_string(vm, m, k); lua_pushinteger(L, ls == LUA_ERRMEM ? MS_E_MEMORY : MS_E_SYNTAX); return 1;
  }
  lua_rawgeti(L, LUA_REGISTRYINDEX, vm->env);
  lua_setupvalue(L, -2, 1);
  lua_pushcclosure(L, chunk_runner, 1);
  if (vm->entry) luaL_unref(L, LUA_REGISTRYINDEX, vm->entry);
  vm->entry = luaL_ref(L, LUA_REGISTRYINDEX);
  return 0;
}
ms_step ms_load(ms_vm *vm, const char *chunk, const char *src, size_t n) {
  start_args a = { vm, NULL, (const uint8_t *)src, n, 1, chunk, NULL, 0 };
  lua_State *L = vm->L; vm->cur = NULL; vm->tb.n = 0; vm->file[0] = 0; vm->line = 0;
  lua_pushcfunction(L, p_wrap_chunk); lua_pushlightuserdata(L, &a);
  int st = lua_pcall(L, 1, 1, 0);
  if (st != LUA_OK) {
    size_t k; const char *m = lua_type(L, -1) == LUA_TSTRING ? lua_tolstring(L, -1, &k) : (k = 1, "?");
    out_string(vm, m, k); lua_pop(L, 1); return failed(vm, st == LUA_ERRMEM ? MS_E_MEMORY : MS_E_RUNTIME);
  }
  int bad = (int)lua_tointeger(L, -1); lua_pop(L, 1);
  if (bad) return failed(vm, bad);
  vm->loading = true;
  ms_step s = start(vm, 0, NULL, NULL, NULL, 0);
  vm->loading = false;
  return s;
}
static int p_addmod(lua_State *L) {
  start_args *a = lua_touserdata(L, 1);
  lua_rawgeti(L, LUA_REGISTRYINDEX, a->vm->modules);
  lua_createtable(L, 2, 0);
  lua_pushlstring(L, (const char *)a->p, a->n); lua_rawseti(L, -2, 1);
  lua_pushstring(L, a->chunk); lua_rawseti(L, -2, 2);
  lua_setfield(L, -2, a->name);
  return 0;
}
int32_t ms_add_module(ms_vm *vm, const char *name, const char *chunk, const char *src, size_t n) {
  start_args a = { vm, name, (const uint8_t *)src, n, 0, chunk, NULL, 0 };
  lua_pushcfunction(vm->L, p_addmod); lua_pushlightuserdata(vm->L, &a);
  int st = lua_pcall(vm->L, 1, 0, 0);
  if (st != LUA_OK) lua_pop(vm->L, 1);
  return st;
}

// ---- host functions -----------------------------------------------------------------
void ms_reply(ms_vm *vm, const uint8_t *p, size_t n) { vm->reply.n = 0; ms_buf_put(&vm->reply, p, n); }

// Turns a reply tape into Lua results, or raises it (all in C frames).
static int finish(lua_State *L, ms_vm *vm, const uint8_t *p, size_t n, bool err) {
  if (!err) return ms_decode_list(L, vm, p, n);
  if (n && *p == MS_T_STR) { luaL_where(L, 1); ms_decode(L, vm, p, p + n, 0); lua_concat(L, 2); }
  else ms_decode(L, vm, p, p + n, 0);
  return lua_error(L);
}
static int tramp_k(lua_State *L, int status, lua_KContext ctx) {
  (void)status; (void)ctx;
  ms_vm *vm = ms_of(L);
  lua_settop(L, 0);
  return finish(L, vm, vm->in_p, vm->in_n, vm->in_err);
}
static int tramp(lua_State *L) {
  ms_vm *vm = ms_of(L);
  uint32_t id = (uint32_t)lua_tointeger(L, lua_upvalueindex(1));
  ms_fn *f = &vm->fns[id];
  if (!vm->cur) return luaL_error(L, "%s cannot be called here", f->name);
  if (f->phases && !(f->phases & vm->cur->phase)) return luaL_error(L, "%s cannot be called in this phase", f->name);
  vm->args.n = 0;
  ms_encode_args(L, vm, &vm->args, 1, lua_gettop(L));
  ms_tick(L, vm, 100 + vm->args.n / 2);
  if (!f->async) {
    vm->reply.n = 0;
    vm->in_host = true;
    int32_t rc = vm->host(vm->user, id, vm->cur->id, vm->args.p, vm->args.n, vm);   // Swift; no Lua API in there
    vm->in_host = false;
    lua_settop(L, 0);
    return finish(L, vm, vm->reply.p, vm->reply.n, rc != 0);
  }
  // Every thread from here to the run's own must be able to yield.
  bool ok = lua_isyieldable(L);
  for (ms_chain *c = vm->chain; ok && c; c = c->prev) ok = lua_isyieldable(c->L);
  if (!ok) return luaL_error(L, "%s cannot wait here (inside a table.sort comparator, a string.gsub callback or require)", f->name);
  vm->pending_fn = id; vm->host_yield = true;
  return lua_yieldk(L, 0, 0, tramp_k);
}
typedef struct reg_args { ms_vm *vm; const char *mod, *name; uint32_t fn; } reg_args;
static int p_register(lua_State *L) {
  reg_args *a = lua_touserdata(L, 1);
  lua_rawgeti(L, LUA_REGISTRYINDEX, a->vm->env);
  lua_getmetatable(L, -1); lua_getfield(L, -1, "__index");        // the real globals
  lua_pushstring(L, a->mod);
  if (lua_rawget(L, -2) == LUA_TNIL) {                              // raw: undefined names raise
    lua_pop(L, 1); lua_newtable(L); lua_pushvalue(L, -1); lua_setfield(L, -3, a->mod);
  }
  lua_pushinteger(L, a->fn); lua_pushcclosure(L, tramp, 1);
  lua_setfield(L, -2, a->name);
  return 0;
}
int32_t ms_register(ms_vm *vm, const char *module, const char *name, uint32_t fn, bool async, uint32_t phases) {
  if (fn >= MS_MAX_FNS) return -1;
  snprintf(vm->fns[fn].name, sizeof vm->fns[fn].name, "%s.%s", module, name);
  vm->fns[fn].async = async; vm->fns[fn].phases = phases;
  reg_args a = { vm, module, name, fn };
  lua_pushcfunction(vm->L, p_register); lua_pushlightuserdata(vm->L, &a);
  int st = lua_pcall(vm->L, 1, 0, 0);
  if (st != LUA_OK) lua_pop(vm->L, 1);
  return st;
}
