// A state's life: open, preludes, modules, close; and the frame in which everything else is protected.
#include "ms_internal.h"

// ---- protection -----------------------------------------------------------------------------

// An error outside any protected call, which only running out of memory in an unlucky place can cause.
// The state is then unusable, the process is not.
static int on_panic(lua_State *L) {
    ms_vm *vm = ms_of(L);
    vm->poisoned = true;
    vm->armed = false;
    if (vm->panic) _longjmp(*vm->panic, 1);
    return 0;                                 // Lua aborts
}

int ms_protect(ms_vm *vm, lua_CFunction f, void *arg) {
    jmp_buf escape;
    vm->panic = &escape;
    if (_setjmp(escape)) {
        vm->panic = NULL;
        return MS_PANICKED;
    }
    lua_pushcfunction(vm->L, f);
    lua_pushlightuserdata(vm->L, arg);
    int status = lua_pcall(vm->L, 1, 0, 0);
    vm->panic = NULL;
    return status;
}

// As ms_protect, for setting up: the error is dropped.
static int32_t set_up(ms_vm *vm, lua_CFunction f, void *arg) {
    if (vm->poisoned || vm->in_host) return MS_PANICKED;
    int status = ms_protect(vm, f, arg);
    if (status > LUA_OK) lua_pop(vm->L, 1);
    return status;
}

// ---- open and close ---------------------------------------------------------------------------

static int p_open(lua_State *L) {
    ms_open_stdlib(L, lua_touserdata(L, 1));
    return 0;
}

ms_vm *ms_open(const ms_config *config, ms_host_fn host, void *user) {
    ms_vm *vm = calloc(1, sizeof *vm);
    if (!vm) return NULL;
    vm->cfg = *config;
    vm->host = host;
    vm->user = user;
    vm->next_id = 1;
    vm->L = lua_newstate(ms_alloc, vm);
    if (!vm->L) {
        free(vm);
        return NULL;
    }
    *(ms_vm **)lua_getextraspace(vm->L) = vm; // every thread of the state gets a copy
    lua_atpanic(vm->L, on_panic);
    if (ms_protect(vm, p_open, vm) != LUA_OK) {
        ms_close(vm);
        return NULL;
    }
    return vm;
}

static void free_runs(ms_run *run) {
    while (run) {
        ms_run *next = run->next;
        free(run);
        run = next;
    }
}

void ms_close(ms_vm *vm) {
    if (!vm) return;
    // A poisoned state cannot be walked: its heap, at most the memory limit, is given up with it.
    if (!vm->poisoned) {
        jmp_buf escape;
        vm->panic = &escape;
        if (!_setjmp(escape)) lua_close(vm->L);
    }
    free_runs(vm->runs);
    free_runs(vm->free_runs);
    free(vm->args.p);
    free(vm->out.p);
    free(vm->reply.p);
    free(vm->traceback.p);
    ms_cover_free(vm);
    free(vm);
}

void ms_poison(ms_vm *vm) { vm->poisoned = true; }

static int p_collect(lua_State *L) {
    lua_gc(L, LUA_GCCOLLECT);
    return 0;
}

void ms_collect(ms_vm *vm) { set_up(vm, p_collect, NULL); }

ms_stats ms_statistics(ms_vm *vm) {
    return (ms_stats){ .used = vm->used, .peak = vm->peak, .refused = vm->refused, .runs = vm->nruns,
                       .hooks = vm->hooks, .coroutines = vm->ncoroutines, .cpu_ns = vm->last_cpu };
}

// ---- source -----------------------------------------------------------------------------------

typedef struct source {
    ms_vm *vm;
    const char *p;
    size_t left;
} source;

// Hands the compiler small pieces, because a source can be made that takes the compiler long (tens of
// thousands of labels are compared each with each) without meeting hook or allocator.
static const char *next_piece(lua_State *L, void *ud, size_t *size) {
    source *s = ud;
    ms_tick(L, s->vm, MS_TICKS);
    const char *piece = s->p;
    *size = s->left < 4096 ? s->left : 4096;
    s->p += *size;
    s->left -= *size;
    return *size ? piece : NULL;
}

int ms_compile(lua_State *L, ms_vm *vm, const char *chunk, const char *text, size_t size) {
    source s = { vm, text, size };
    if (size >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) {   // some editors begin a file with a byte order mark
        s.p += 3;
        s.left -= 3;
    }
    return lua_load(L, next_piece, &s, chunk, "t");            // "t": bytecode can crash the machine that runs it
}

typedef struct text {
    ms_vm *vm;
    const char *name, *chunk, *source;
    size_t size;
    int status;
} text;

static int p_prelude(lua_State *L) {
    text *t = lua_touserdata(L, 1);
    ms_vm *vm = t->vm;
    t->status = ms_compile(L, vm, t->chunk, t->source, t->size);
    if (t->status != LUA_OK) return lua_error(L);
    lua_rawgeti(L, LUA_REGISTRYINDEX, vm->globals);
    lua_setupvalue(L, -2, 1);
    if (vm->driver) {                                          // a later prelude extends the driver
        lua_rawgeti(L, LUA_REGISTRYINDEX, vm->driver);
        lua_pushliteral(L, "__parts");
        lua_rawget(L, -2);
        lua_call(L, 2, 0);
        return 0;
    }
    lua_call(L, 0, 1);
    if (lua_type(L, -1) != LUA_TTABLE) return luaL_error(L, "%s must return its driver, a table", t->chunk + 1);
    vm->driver = luaL_ref(L, LUA_REGISTRYINDEX);
    return 0;
}

ms_step ms_prelude(ms_vm *vm, const char *chunk, const char *source, size_t size) {
    text t = { .vm = vm, .chunk = chunk, .source = source, .size = size };
    ms_clear_report(vm);
    if (vm->poisoned) return ms_failed(vm, MS_E_POISONED);
    if (vm->sealed || vm->in_host) return ms_failed_text(vm, MS_E_MISUSE, "a prelude must come before the script");
    int status = ms_protect(vm, p_prelude, &t);
    if (status != LUA_OK) return ms_failed_status(vm, status, t.status == LUA_ERRSYNTAX ? MS_E_SYNTAX : MS_E_RUNTIME);
    return (ms_step){ .status = MS_DONE };
}

static int p_add_module(lua_State *L) {
    text *t = lua_touserdata(L, 1);
    lua_rawgeti(L, LUA_REGISTRYINDEX, t->vm->modules);
    lua_createtable(L, 2, 0);
    lua_pushlstring(L, t->source, t->size);
    lua_rawseti(L, -2, 1);
    lua_pushstring(L, t->chunk);
    lua_rawseti(L, -2, 2);
    lua_setfield(L, -2, t->name);
    return 0;
}

int32_t ms_add_module(ms_vm *vm, const char *name, const char *chunk, const char *source, size_t size) {
    text t = { .vm = vm, .name = name, .chunk = chunk, .source = source, .size = size };
    return set_up(vm, p_add_module, &t);
}

// What preludes alone may name: the two halves of the bridge, and the modules meant for them.
static int p_seal(lua_State *L) {
    ms_vm *vm = lua_touserdata(L, 1);
    static const char *const hidden[] = { "__array_mt", "__object_mt", "__control_mt", "__view", "__entry", "__try",
                                          "__compile" };
    lua_rawgeti(L, LUA_REGISTRYINDEX, vm->globals);
    for (size_t i = 0; i < sizeof hidden / sizeof *hidden; i++) {
        lua_pushstring(L, hidden[i]);
        lua_pushnil(L);
        lua_rawset(L, -3);
    }
    for (uint32_t i = 0; i < vm->nfns; i++) {
        const char *module = vm->fns[i].module;
        bool seen = false;
        for (uint32_t k = 0; k < i && !seen; k++) seen = strcmp(vm->fns[k].module, module) == 0;
        if (seen) continue;
        lua_pushstring(L, module);
        lua_pushvalue(L, -1);
        if (lua_rawget(L, -3) == LUA_TTABLE && strncmp(module, "__", 2) != 0) {
            ms_push_view(L, module);
        } else {
            lua_pop(L, 1);
            lua_pushnil(L);
        }
        lua_rawset(L, -3);
    }
    return 0;
}

int32_t ms_seal(ms_vm *vm) {
    if (vm->sealed) return LUA_OK;
    vm->sealed = true;
    return set_up(vm, p_seal, vm);
}
