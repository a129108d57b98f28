// What stops a script: the CPU budget, the instruction hook and the allocator.
#include "ms_internal.h"

#include <time.h>

static char kill_token;                       // its address, as light userdata, is what a kill raises

static uint64_t nanoseconds(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

// ---- budget ---------------------------------------------------------------------------------
// The budget is CPU time, so that a busy machine does not kill an innocent script. Reading the
// thread's CPU clock is a system call and costs twenty times the monotonic clock, so it is read only
// when the wall clock says that the budget may be gone: CPU time never runs faster than wall time.

// A slice that is shorter than this never reads the CPU clock and is charged its wall time.
#define SHORT_SLICE 200000u

static uint64_t least(uint64_t a, uint64_t b) { return a < b ? a : b; }

void ms_arm(ms_vm *vm, uint64_t cpu_ns) {
    vm->armed = true;
    vm->left = cpu_ns;
    vm->cpu0 = 0;
    vm->wall0 = nanoseconds(CLOCK_MONOTONIC);
    vm->look_at = vm->wall0 + least(cpu_ns, SHORT_SLICE);
    vm->ticks = 0;
    vm->churn = 0;
}

static bool is_late(ms_vm *vm) {
    uint64_t wall = nanoseconds(CLOCK_MONOTONIC);
    if (wall < vm->look_at) return false;
    uint64_t cpu = nanoseconds(CLOCK_THREAD_CPUTIME_ID);
    if (vm->cpu0 == 0) {                      // the first look: what ran before it is charged as a short slice
        uint64_t before = least(wall - vm->wall0, SHORT_SLICE);
        vm->cpu0 = cpu > before ? cpu - before : 1;
    }
    uint64_t spent = cpu - vm->cpu0;
    if (spent >= vm->left) return true;
    vm->look_at = wall + (vm->left - spent);
    return false;
}

uint64_t ms_disarm(ms_vm *vm) {
    vm->armed = false;
    if (vm->cpu0) return nanoseconds(CLOCK_THREAD_CPUTIME_ID) - vm->cpu0;
    return least(nanoseconds(CLOCK_MONOTONIC) - vm->wall0, SHORT_SLICE);
}

// ---- allocator --------------------------------------------------------------------------------
// Three jobs: to account, to cap, and to be a tripwire. A script that spends its time in allocating
// C code (`..` on large strings) meets no instruction hook, but it does meet the allocator. Lua then
// sees "not enough memory", which passes through every guarded pcall because `killed` is set.

static bool tripped(ms_vm *vm) {
    if (!vm->killed && is_late(vm)) vm->killed = MS_E_CPU;
    return vm->killed != 0;
}

static void *refuse(ms_vm *vm, ms_refusal why) {
    vm->refused++;
    vm->last_refusal = why;
    // Each refusal costs a full collection: a script that catches them must still meet the clock.
    if (vm->armed) tripped(vm);
    return NULL;
}

void *ms_alloc(void *ud, void *ptr, size_t osize, size_t nsize) {
    ms_vm *vm = ud;
    if (!ptr) osize = 0;                      // it is a type tag then
    if (nsize == 0) {
        vm->used -= osize;
        free(ptr);
        return NULL;
    }
    if (nsize > osize) {
        if (vm->used - osize + nsize > vm->cfg.memory_limit + vm->grace) return refuse(vm, MS_REFUSED_HEAP);
        if (vm->cfg.max_block && nsize > vm->cfg.max_block) return refuse(vm, MS_REFUSED_BLOCK);
        if (vm->armed) {
            if (vm->killed) return NULL;
            vm->churn += nsize;
            if (vm->churn >= 1u << 20) {
                vm->churn = 0;
                if (tripped(vm)) return NULL;
            }
        }
    }
    void *p = realloc(ptr, nsize);
    if (!p) {
        if (nsize <= osize) return ptr;       // shrinking must never fail
        vm->refused++;
        return NULL;
    }
    vm->used += nsize - osize;
    if (vm->used > vm->peak) vm->peak = vm->used;
    return p;
}

// ---- kill and hook ------------------------------------------------------------------------------

void ms_raise_kill(lua_State *L) {
    lua_pushlightuserdata(L, &kill_token);
    lua_error(L);
}

static void kill_now(lua_State *L, ms_vm *vm, int kind) {
    vm->killed = kind;
    // The place is known now: a trusted pcall further out would hide it.
    if (!vm->kill_located) ms_locate_in(vm, L);
    vm->kill_located = vm->line > 0;
    // From now on every instruction of this thread raises, so that no handler of the script gets far.
    if (L != vm->L) lua_sethook(L, lua_gethook(L), LUA_MASKCOUNT, 1);
    ms_raise_kill(L);
}

void ms_check(lua_State *L, ms_vm *vm) {
    if (!vm->armed) return;
    if (vm->killed) kill_now(L, vm, vm->killed);
    if (is_late(vm)) kill_now(L, vm, MS_E_CPU);
}

static void hook(lua_State *L, lua_Debug *ar) {
    ms_vm *vm = ms_of(L);
    if (ar->event == LUA_HOOKLINE) {
        if (vm->cov_on) ms_cover_line(L, vm, ar);
        return;
    }
    if (ar->event != LUA_HOOKCOUNT) {
        if (vm->cov_on && ar->event != LUA_HOOKRET) ms_cover_call(L, vm, ar);
        return;
    }
    if (vm->cov_on && !vm->killed) {
        ms_cover_step(vm, ar);
        if (++vm->cov_steps < vm->cfg.hook_every) return;
        vm->cov_steps = 0;
    }
    vm->hooks++;
    ms_check(L, vm);
}

// Coroutines inherit the hook from the thread that creates them.
void ms_install_hook(lua_State *L, ms_vm *vm) {
    int also = vm->cov_on ? LUA_MASKLINE | LUA_MASKCALL : 0;
    lua_sethook(L, hook, LUA_MASKCOUNT | also, vm->cov_on ? 1 : (int)vm->cfg.hook_every);
}
