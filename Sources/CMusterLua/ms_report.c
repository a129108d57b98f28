// How a failure is told: its value or text, its file and line, its traceback.
#include "ms_internal.h"

#include <stdio.h>

enum { MAX_TEXT = 4000, MAX_TRACEBACK = 8000 };

void ms_clear_report(ms_vm *vm) {
    vm->out.n = vm->traceback.n = 0;
    vm->file[0] = 0;
    vm->line = 0;
}

static void put_value(ms_vm *vm, const char *text, size_t n) {
    uint8_t tag = MS_T_STR;
    uint32_t size = 0;
    vm->out.n = 0;
    ms_buf_put(&vm->out, &tag, 1);
    ms_buf_put(&vm->out, &size, 4);
    ms_put_text(&vm->out, text, n, MAX_TEXT);
    size = (uint32_t)(vm->out.n - 5);
    memcpy(vm->out.p + 1, &size, 4);
}

ms_step ms_failed(ms_vm *vm, int kind) {
    if (kind == MS_E_POISONED) {
        static const char text[] = "the Lua state broke down and must be replaced";
        put_value(vm, text, sizeof text - 1);
    }
    return (ms_step){ .status = MS_FAILED, .error = kind, .run = vm->cur ? vm->cur->id : 0,
                      .data = vm->out.p, .size = vm->out.n,
                      .traceback = vm->traceback.n ? (const char *)vm->traceback.p : "",
                      .file = vm->file, .line = vm->line };
}

ms_step ms_failed_text(ms_vm *vm, int kind, const char *text) {
    put_value(vm, text, strlen(text));
    return ms_failed(vm, kind);
}

static ms_step failed_memory(ms_vm *vm) {
    char text[200];
    if (vm->last_refusal == MS_REFUSED_BLOCK)
        snprintf(text, sizeof text,
                 "not enough memory: one string, table or call stack (endless recursion?) would be larger than %zu bytes",
                 vm->cfg.max_block);
    else
        snprintf(text, sizeof text, "not enough memory: the limit is %zu bytes", vm->cfg.memory_limit);
    return ms_failed_text(vm, MS_E_MEMORY, text);
}

// The compiler says "name:12: message": the line is the first number between colons.
static void locate_syntax(ms_vm *vm, const char *text) {
    for (const char *p = strchr(text, ':'); p; p = strchr(p + 1, ':')) {
        char *end;
        long line = strtol(p + 1, &end, 10);
        if (end > p + 1 && *end == ':') {
            vm->line = (int)line;
            return;
        }
    }
}

ms_step ms_failed_status(ms_vm *vm, int status, int kind) {
    if (status == MS_PANICKED) return ms_failed(vm, MS_E_POISONED);
    bool isText = lua_type(vm->L, -1) == LUA_TSTRING;          // never convert: it would allocate, unprotected
    size_t n = 0;
    const char *text = isText ? lua_tolstring(vm->L, -1, &n) : "the error value is not a string";
    put_value(vm, text, isText ? n : strlen(text));
    if (isText && kind == MS_E_SYNTAX) locate_syntax(vm, text);
    lua_pop(vm->L, 1);
    return status == LUA_ERRMEM ? failed_memory(vm) : ms_failed(vm, kind);
}

// The innermost frame of a script's file, seen from `co`.
void ms_locate_in(ms_vm *vm, lua_State *co) {
    lua_Debug ar;
    vm->file[0] = 0;
    vm->line = 0;
    for (int level = 0; level < 200 && lua_getstack(co, level, &ar); level++) {
        if (!lua_getinfo(co, "Sl", &ar) || ar.currentline <= 0 || ar.source[0] != '@') continue;
        snprintf(vm->file, sizeof vm->file, "%s", ar.source + 1);
        vm->line = ar.currentline;
        return;
    }
}

typedef struct report {
    ms_vm *vm;
    lua_State *co;
    bool withValue;
} report;

static int p_report(lua_State *L) {
    report *r = lua_touserdata(L, 1);
    ms_vm *vm = r->vm;
    size_t n;
    luaL_traceback(L, r->co, NULL, 0);
    const char *text = lua_tolstring(L, -1, &n);
    vm->traceback.n = 0;
    ms_put_text(&vm->traceback, text, n, MAX_TRACEBACK);
    ms_buf_put(&vm->traceback, "", 1);
    lua_pop(L, 1);
    if (!r->withValue) return 0;
    lua_xmove(r->co, L, 1);
    vm->out.n = 0;
    if (lua_type(L, -1) == LUA_TSTRING) {
        text = lua_tolstring(L, -1, &n);
        put_value(vm, text, n);
    } else {
        ms_encode(L, vm, &vm->out, -1, "the error value");     // raw: no __tostring of the script runs
    }
    return 0;
}

// The run's coroutine has failed, with its error value on top.
ms_step ms_failed_run(ms_vm *vm, ms_run *run, int kind) {
    report r = { vm, run->co, kind == MS_E_RUNTIME || kind == MS_E_SYNTAX };
    if (kind != MS_E_CPU || !vm->kill_located) ms_locate_in(vm, run->co);
    if (kind == MS_E_SYNTAX && lua_type(run->co, -1) == LUA_TSTRING) locate_syntax(vm, lua_tostring(run->co, -1));
    int status = ms_protect(vm, p_report, &r);
    if (status == MS_PANICKED) return ms_failed(vm, MS_E_POISONED);
    if (status != LUA_OK) {                                    // the value cannot cross: say why instead
        int line = vm->line;
        ms_failed_status(vm, LUA_ERRRUN, kind);
        vm->line = line;
    }
    switch (kind) {
        case MS_E_CPU: return ms_failed_text(vm, kind, "CPU time limit exceeded");
        case MS_E_MEMORY: return failed_memory(vm);
        case MS_E_MISUSE: return ms_failed_text(vm, kind, "attempt to yield from outside a coroutine");
        default: return ms_failed(vm, kind);
    }
}
