// Runs: each is a coroutine of its own, so that many can wait on one state at the same time.
#include "ms_internal.h"

#include <stdio.h>

// ---- bookkeeping ------------------------------------------------------------------------------

static ms_run *find_run(ms_vm *vm, uint32_t id) {
    for (ms_run *run = vm->runs; run; run = run->next)
        if (run->id == id) return run;
    return NULL;
}

static ms_run *new_run(ms_vm *vm, uint32_t phase, uint64_t budget) {
    ms_run *run = vm->free_runs;
    if (run) vm->free_runs = run->next;
    else if (!(run = malloc(sizeof *run))) abort();
    *run = (ms_run){ .id = vm->next_id++, .phase = phase, .ref = LUA_NOREF, .cpu_budget = budget, .next = vm->runs };
    vm->runs = run;
    return run;
}

// Forgets a run that has ended. Coroutines that ended well are kept for the next run.
static void drop_run(ms_vm *vm, ms_run *run) {
    ms_run **link = &vm->runs;
    while (*link && *link != run) link = &(*link)->next;
    if (*link) *link = run->next;
    if (run->co && !vm->poisoned) {
        if (vm->nidle < MS_MAX_IDLE && lua_status(run->co) == LUA_OK) {
            lua_settop(run->co, 0);
            vm->idle[vm->nidle++] = (ms_idle){ run->ref, run->co };
        } else {
            luaL_unref(vm->L, LUA_REGISTRYINDEX, run->ref);
        }
    }
    run->next = vm->free_runs;
    vm->free_runs = run;
    if (vm->cur == run) vm->cur = NULL;
}

// ---- one slice --------------------------------------------------------------------------------

static void arm(ms_vm *vm, ms_run *run) {
    ms_arm(vm, run->cpu_budget > run->cpu_spent ? run->cpu_budget - run->cpu_spent : 0);
}

static void disarm(ms_vm *vm, ms_run *run) {
    run->cpu_spent += ms_disarm(vm);
    vm->last_cpu = run->cpu_spent;
}

typedef struct result {
    ms_vm *vm;
    lua_State *co;
    int count;
} result;

static int p_result(lua_State *L) {
    result *r = lua_touserdata(L, 1);
    if (r->count == 0) {
        lua_pushnil(L);
    } else {
        lua_settop(r->co, lua_gettop(r->co) - (r->count - 1)); // the first one counts
        lua_xmove(r->co, L, 1);
    }
    r->vm->out.n = 0;
    ms_encode(L, r->vm, &r->vm->out, -1, "the result");
    return 0;
}

static ms_step end_well(ms_vm *vm, ms_run *run, int count) {
    result r = { vm, run->co, count };
    int status = ms_protect(vm, p_result, &r);                 // still armed: a result can take long to encode
    disarm(vm, run);
    ms_step step = { .status = MS_DONE, .run = run->id, .data = vm->out.p, .size = vm->out.n };
    if (status != LUA_OK) {
        step = ms_failed_status(vm, status, MS_E_CONVERT);
        if (vm->killed && status != MS_PANICKED) step = ms_failed_text(vm, vm->killed, "CPU time limit exceeded");
    }
    drop_run(vm, run);
    return step;
}

// lua_resetthread of a dead coroutine, under protection. It runs no script code, since scripts have no
// __close; should that ever change, the small budget ends it.
static int p_reset(lua_State *L) {
    lua_resetthread(lua_touserdata(L, 1));
    return 0;
}
static void reset_thread(ms_vm *vm, ms_run *run) {
    vm->killed = 0;
    vm->grace = MS_GRACE;
    ms_arm(vm, 5000000);
    if (ms_protect(vm, p_reset, run->co) > LUA_OK) lua_pop(vm->L, 1);
    ms_disarm(vm);
    vm->grace = 0;
    if (!vm->poisoned && run->ref != LUA_NOREF) luaL_unref(vm->L, LUA_REGISTRYINDEX, run->ref);
    run->co = NULL;
}

static ms_step end_badly(ms_vm *vm, ms_run *run, int status) {
    int kind = vm->killed              ? vm->killed
               : status == LUA_ERRMEM  ? MS_E_MEMORY
               : status == LUA_YIELD   ? MS_E_MISUSE
               : vm->syntax            ? MS_E_SYNTAX
                                       : MS_E_RUNTIME;
    vm->grace = MS_GRACE;
    ms_step step = ms_failed_run(vm, run, kind);
    vm->grace = 0;
    if (!vm->poisoned) reset_thread(vm, run);
    drop_run(vm, run);
    return step;
}

static ms_step drive(ms_vm *vm, ms_run *run, int nargs) {
    jmp_buf escape;
    int count = 0;
    vm->cur = run;
    vm->killed = 0;
    vm->kill_located = false;
    vm->host_yield = vm->syntax = false;
    vm->chain = NULL;
    vm->last_refusal = MS_ROOM;
    ms_clear_report(vm);
    vm->panic = &escape;
    if (_setjmp(escape)) {
        vm->panic = NULL;
        return ms_failed(vm, MS_E_POISONED);
    }
    arm(vm, run);
    int status = lua_resume(run->co, NULL, nargs, &count);
    vm->panic = NULL;
    if (status == LUA_YIELD && vm->host_yield) {
        disarm(vm, run);
        run->pending = true;
        vm->cur = NULL;
        return (ms_step){ .status = MS_PENDING, .run = run->id, .fn = vm->pending_fn,
                          .data = vm->args.p, .size = vm->args.n };
    }
    vm->nruns++;
    if (status == LUA_OK) return end_well(vm, run, count);
    disarm(vm, run);
    return end_badly(vm, run, status);
}

// ---- start ------------------------------------------------------------------------------------

typedef struct starting {
    ms_vm *vm;
    ms_run *run;
    const char *name;                       // of the function, for calls
    const uint8_t *tape;
    size_t size;
    const char *chunk, *source;             // for loading
    int nargs;
} starting;

static int load_body(lua_State *L) {
    starting *s = lua_touserdata(L, 1);
    ms_vm *vm = s->vm;
    int status = ms_compile(L, vm, s->chunk, s->source, s->size);
    if (status != LUA_OK) {
        vm->syntax = status == LUA_ERRSYNTAX;
        return lua_error(L);
    }
    lua_rawgeti(L, LUA_REGISTRYINDEX, vm->env);
    lua_setupvalue(L, -2, 1);
    lua_call(L, 0, 1);
    lua_rawseti(L, LUA_REGISTRYINDEX, vm->entry);
    return 0;
}

static void push_function(lua_State *L, ms_vm *vm, const char *name) {
    if (!name) {
        lua_rawgeti(L, LUA_REGISTRYINDEX, vm->entry);
        if (lua_type(L, -1) != LUA_TFUNCTION) luaL_error(L, "the script returned no function to call");
        return;
    }
    lua_rawgeti(L, LUA_REGISTRYINDEX, vm->driver ? vm->driver : vm->entry);
    if (lua_type(L, -1) != LUA_TTABLE) luaL_error(L, "the script returned no table of functions");
    lua_pushstring(L, name);
    if (lua_rawget(L, -2) != LUA_TFUNCTION) luaL_error(L, "there is no function '%s' to call", name);
    lua_remove(L, -2);
}

static int p_start(lua_State *L) {
    starting *s = lua_touserdata(L, 1);
    ms_vm *vm = s->vm;
    ms_run *run = s->run;
    if (vm->nidle > 0) {
        ms_idle idle = vm->idle[--vm->nidle];
        run->ref = idle.ref;
        run->co = idle.co;
    } else {
        lua_State *co = lua_newthread(L);
        run->ref = luaL_ref(L, LUA_REGISTRYINDEX);
        run->co = co;
    }
    ms_install_hook(run->co, vm);
    if (run->loading) {
        lua_pushcfunction(L, load_body);
        lua_pushlightuserdata(L, s);
        s->nargs = 1;
    } else {
        push_function(L, vm, s->name);
        s->nargs = ms_decode_list(L, vm, s->tape, s->size);
    }
    if (!lua_checkstack(run->co, s->nargs + 2)) return luaL_error(L, "too many arguments");
    lua_xmove(L, run->co, s->nargs + 1);
    return 0;
}

static ms_step start(ms_vm *vm, starting *s, uint32_t phase, uint64_t budget, bool loading) {
    vm->cur = NULL;
    ms_clear_report(vm);
    if (vm->poisoned) return ms_failed(vm, MS_E_POISONED);
    if (vm->in_host) return ms_failed_text(vm, MS_E_MISUSE, "called from within a host function");
    s->run = vm->cur = new_run(vm, phase, budget);
    s->run->loading = loading;
    int status = ms_protect(vm, p_start, s);
    if (status == LUA_OK) return drive(vm, s->run, s->nargs);
    ms_step step = ms_failed_status(vm, status, MS_E_CONVERT);
    drop_run(vm, s->run);
    return step;
}

ms_step ms_start(ms_vm *vm, const char *name, uint32_t phase, uint64_t cpu_ns, const uint8_t *tape, size_t size) {
    starting s = { .vm = vm, .name = name, .tape = tape, .size = size };
    return start(vm, &s, phase, cpu_ns ? cpu_ns : vm->cfg.cpu_budget_ns, false);
}

ms_step ms_load(ms_vm *vm, const char *chunk, const char *source, size_t size) {
    starting s = { .vm = vm, .chunk = chunk, .source = source, .size = size };
    vm->cur = NULL;
    ms_clear_report(vm);
    if (!vm->poisoned && !vm->in_host && ms_seal(vm) != LUA_OK)
        return ms_failed_text(vm, MS_E_MEMORY, "the preludes leave no memory for the script");
    ms_step step = start(vm, &s, 0, vm->cfg.load_budget_ns, true);
    if (step.status == MS_FAILED && step.error == MS_E_SYNTAX) {
        snprintf(vm->file, sizeof vm->file, "%s", *chunk ? chunk + 1 : chunk);
        step.line = vm->line;
    }
    return step;
}

ms_step ms_resume(ms_vm *vm, uint32_t id, bool is_error, const uint8_t *tape, size_t size) {
    vm->cur = NULL;
    ms_clear_report(vm);
    if (vm->poisoned) return ms_failed(vm, MS_E_POISONED);
    if (vm->in_host) return ms_failed_text(vm, MS_E_MISUSE, "called from within a host function");
    ms_run *run = find_run(vm, id);
    if (!run || !run->pending) return ms_failed_text(vm, MS_E_MISUSE, "no run is waiting under this number");
    run->pending = false;
    vm->in_p = tape;
    vm->in_n = size;
    vm->in_err = is_error;
    return drive(vm, run, 0);
}

void ms_cancel(ms_vm *vm, uint32_t id) {
    if (vm->poisoned || vm->in_host) return;
    ms_run *run = find_run(vm, id);
    if (!run || !run->pending) return;
    vm->nruns++;
    reset_thread(vm, run);
    drop_run(vm, run);
}

ms_step ms_locate(ms_vm *vm, uint32_t id) {
    ms_clear_report(vm);
    ms_run *run = vm->poisoned ? NULL : find_run(vm, id);
    if (run && run->pending) ms_locate_in(vm, run->co);
    return (ms_step){ .file = vm->file, .line = vm->line };
}
