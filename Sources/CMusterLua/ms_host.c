// Host functions as scripts call them: at once, or by suspending the run until the host brings the answer.
#include "ms_internal.h"

#include <stdio.h>

void ms_reply(ms_vm *vm, const uint8_t *tape, size_t size) {
    vm->reply.n = 0;
    ms_buf_put(&vm->reply, tape, size);
}

// ---- phases -----------------------------------------------------------------------------------

void ms_name_phase(ms_vm *vm, uint32_t phase, const char *name) {
    if (vm->nphases == MS_MAX_PHASES) return;
    ms_phase *p = &vm->phases[vm->nphases++];
    p->bit = phase;
    snprintf(p->name, sizeof p->name, "%s", name);
}

static void add_phase(luaL_Buffer *b, ms_vm *vm, uint32_t bit) {
    char number[16];
    for (int i = 0; i < vm->nphases; i++) {
        if (vm->phases[i].bit != bit) continue;
        luaL_addstring(b, vm->phases[i].name);
        return;
    }
    snprintf(number, sizeof number, "%u", bit);
    luaL_addstring(b, bit ? number : "load");
}

// "http.request cannot be called in phase map (only in: on, schedule)"
static int refuse_phase(lua_State *L, ms_vm *vm, const ms_fn *f) {
    luaL_Buffer b;
    bool first = true;
    luaL_where(L, 1);
    luaL_buffinit(L, &b);
    luaL_addstring(&b, f->module);
    luaL_addchar(&b, '.');
    luaL_addstring(&b, f->name);
    luaL_addstring(&b, " cannot be called in phase ");
    add_phase(&b, vm, vm->cur->phase);
    luaL_addstring(&b, " (only in: ");
    for (uint32_t bit = 1; bit; bit <<= 1) {
        if (!(f->phases & bit)) continue;
        if (!first) luaL_addstring(&b, ", ");
        add_phase(&b, vm, bit);
        first = false;
    }
    luaL_addchar(&b, ')');
    luaL_pushresult(&b);
    lua_concat(L, 2);
    return lua_error(L);
}

// ---- calls ------------------------------------------------------------------------------------

// Turns what the host brought into results, or raises it. Here, in a C frame, and not in Swift's.
static int finish(lua_State *L, ms_vm *vm, const uint8_t *tape, size_t size, bool is_error) {
    if (!is_error) return ms_decode_list(L, vm, tape, size);
    if (size && *tape == MS_T_STR) {                           // a text is given the script's line
        luaL_where(L, 1);
        ms_decode(L, vm, tape, tape + size, 0);
        lua_concat(L, 2);
    } else {
        ms_decode(L, vm, tape, tape + size, 0);
    }
    return lua_error(L);
}

static int finish_later(lua_State *L, int status, lua_KContext context) {
    (void)status, (void)context;
    ms_vm *vm = ms_of(L);
    lua_settop(L, 0);
    return finish(L, vm, vm->in_p, vm->in_n, vm->in_err);
}

static int call_host(lua_State *L) {
    ms_vm *vm = ms_of(L);
    uint32_t id = (uint32_t)lua_tointeger(L, lua_upvalueindex(1));
    const ms_fn *f = &vm->fns[id];
    char full[sizeof f->module + sizeof f->name];
    snprintf(full, sizeof full, "%s.%s", f->module, f->name);
    if (!vm->cur) return luaL_error(L, "%s cannot be called while the state is set up", full);
    if (f->phases && !(f->phases & vm->cur->phase)) return refuse_phase(L, vm, f);
    vm->args.n = 0;
    ms_encode_args(L, vm, &vm->args, full);
    ms_tick(L, vm, 100 + vm->args.n / 2);
    if (!f->async) {
        vm->reply.n = 0;
        vm->in_host = true;
        int32_t failed = vm->host(vm->user, id, vm->cur->id, vm->args.p, vm->args.n, vm);
        vm->in_host = false;
        lua_settop(L, 0);
        return finish(L, vm, vm->reply.p, vm->reply.n, failed != 0);
    }
    if (vm->cur->loading) return luaL_error(L, "%s cannot be called while the script is loaded, only in a hook", full);
    // Every thread from here to the run's own must be able to yield, or the call is not begun.
    bool can_wait = lua_isyieldable(L);
    for (ms_chain *c = vm->chain; can_wait && c; c = c->prev) can_wait = lua_isyieldable(c->L);
    if (!can_wait)
        return luaL_error(L, "%s cannot wait here (inside a table.sort comparator, a string.gsub callback or require)", full);
    vm->pending_fn = id;
    vm->host_yield = true;
    return lua_yieldk(L, 0, 0, finish_later);
}

// ---- registration -----------------------------------------------------------------------------

typedef struct registration {
    ms_vm *vm;
    const char *module, *name;
} registration;

static int p_register(lua_State *L) {
    registration *r = lua_touserdata(L, 1);
    lua_rawgeti(L, LUA_REGISTRYINDEX, r->vm->globals);
    lua_pushstring(L, r->module);
    lua_pushvalue(L, -1);
    if (lua_rawget(L, -3) != LUA_TTABLE) {                     // raw: undefined names raise
        lua_pop(L, 1);
        lua_newtable(L);
        lua_pushvalue(L, -2);
        lua_pushvalue(L, -2);
        lua_rawset(L, -5);
    }
    lua_pushinteger(L, r->vm->nfns);
    lua_pushcclosure(L, call_host, 1);
    lua_setfield(L, -2, r->name);
    return 0;
}

int32_t ms_register(ms_vm *vm, const char *module, const char *name, uint32_t fn, bool async, uint32_t phases) {
    ms_fn *f = &vm->fns[vm->nfns < MS_MAX_FUNCTIONS ? vm->nfns : 0];
    if (vm->poisoned || vm->sealed || fn != vm->nfns || fn >= MS_MAX_FUNCTIONS) return -1;
    if (strlen(module) >= sizeof f->module || strlen(name) >= sizeof f->name) return -1;
    strcpy(f->module, module);
    strcpy(f->name, name);
    f->async = async;
    f->phases = phases;
    registration r = { vm, module, name };
    int status = ms_protect(vm, p_register, &r);
    if (status > LUA_OK) lua_pop(vm->L, 1);
    if (status == LUA_OK) vm->nfns++;
    return status;
}
