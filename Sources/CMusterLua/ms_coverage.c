// What has run: lines by the line hook, calls by the call hook, and the ways of branches by looking at every
// instruction. Which lines and branches there are at all is in ms_dump.c.
#include "ms_coverage.h"

static void *must(void *p) {
    if (!p) abort();
    return p;
}

void ms_coverage(ms_vm *vm, bool on) {
    if (on && !vm->cov) {
        vm->cov = must(calloc(1, sizeof *vm->cov));
        vm->cov->branches = ms_can_follow();
    }
    vm->cov_on = on;
}

// ---- lines ------------------------------------------------------------------------------------

static cov_file *file_named(ms_cov *cov, const char *name) {
    if (cov->last && strcmp(cov->last->name, name) == 0) return cov->last;
    cov_file *f = cov->files;
    while (f && strcmp(f->name, name) != 0) f = f->next;
    if (!f) {
        f = must(calloc(1, sizeof *f));
        f->name = must(strdup(name));
        f->next = cov->files;
        cov->files = f;
    }
    return cov->last = f;
}

void ms_cover_line(lua_State *L, ms_vm *vm, lua_Debug *ar) {
    lua_getinfo(L, "S", ar);
    if (ar->source[0] != '@' || ar->currentline < 0) return;
    cov_file *f = file_named(vm->cov, ar->source + 1);
    uint32_t line = (uint32_t)ar->currentline;
    if (line >= f->cap) {
        uint32_t cap = f->cap ? f->cap : 256;
        while (cap <= line) cap *= 2;
        f->hits = must(realloc(f->hits, cap * sizeof *f->hits));
        memset(f->hits + f->cap, 0, (cap - f->cap) * sizeof *f->hits);
        f->cap = cap;
    }
    f->hits[line]++;
}

// ---- functions and branches -------------------------------------------------------------------
// An activation is known by its CallInfo. Its function's code begins where the first instruction is, which the
// call hook tells; from then on each instruction is known by its place in the function.

static cov_function *function_at(cov_file *file, int32_t first, int32_t last) {
    cov_function *f = file->functions;
    while (f && (f->first != first || f->last != last)) f = f->next;
    if (!f) {
        f = must(calloc(1, sizeof *f));
        f->first = first;
        f->last = last;
        f->next = file->functions;
        file->functions = f;
    }
    return f;
}

enum { MOST_ACTIVATIONS = 1 << 20 };

static cov_activation *slot(cov_activation *table, uint32_t cap, const void *ci) {
    uint64_t hash = (uint64_t)(uintptr_t)ci * 0x9E3779B97F4A7C15u;
    uint32_t at = (uint32_t)(hash >> 40) & (cap - 1);
    while (table[at].ci && table[at].ci != ci) at = (at + 1) & (cap - 1);
    return &table[at];
}

static cov_activation *activation(ms_cov *cov, const void *ci, bool add) {
    if (cov->current && cov->current->ci == ci) return cov->current;
    if (add && cov->count * 2 >= cov->cap) {
        if (cov->cap >= MOST_ACTIVATIONS) {                    // forgets rather than grows for ever
            memset(cov->table, 0, cov->cap * sizeof *cov->table);
            cov->count = 0;
        } else {
            uint32_t cap = cov->cap ? cov->cap * 2 : 256;
            cov_activation *table = must(calloc(cap, sizeof *table));
            for (uint32_t i = 0; i < cov->cap; i++)
                if (cov->table[i].ci) *slot(table, cap, cov->table[i].ci) = cov->table[i];
            free(cov->table);
            cov->table = table;
            cov->cap = cap;
        }
        cov->current = NULL;
    }
    if (!cov->cap) return NULL;
    cov_activation *a = slot(cov->table, cov->cap, ci);
    if (!a->ci) {
        if (!add) return NULL;
        a->ci = ci;
        cov->count++;
    }
    return cov->current = a;
}

void ms_cover_call(lua_State *L, ms_vm *vm, lua_Debug *ar) {
    lua_getinfo(L, "Su", ar);
    if (*ar->what == 'C') return;
    cov_activation *a = activation(vm->cov, ar->i_ci, vm->cov->branches);
    cov_function *f = NULL;
    if (ar->source[0] == '@') {
        f = function_at(file_named(vm->cov, ar->source + 1), ar->linedefined, ar->lastlinedefined);
        f->calls++;
    }
    if (!a) return;
    a->function = f;
    a->is_pending = false;
    a->code = ms_code_at_call(ar);
}

static void took(cov_function *f, uint32_t branch, bool straight) {
    if (branch >= f->cap) {
        uint32_t cap = f->cap ? f->cap : 64;
        while (cap <= branch) cap *= 2;
        f->ways = must(realloc(f->ways, cap * sizeof *f->ways));
        memset(f->ways + f->cap, 0, (cap - f->cap) * sizeof *f->ways);
        f->cap = cap;
    }
    f->ways[branch][straight ? 0 : 1]++;
}

void ms_cover_step(ms_vm *vm, lua_Debug *ar) {
    if (!vm->cov->branches) return;
    cov_activation *a = activation(vm->cov, ar->i_ci, false);
    if (!a || !a->function) return;
    uint32_t pc = (uint32_t)(ms_saved_pc(ar) - a->code) - 1;
    if (a->is_pending) {
        a->is_pending = false;
        took(a->function, ms_branch_of(a->code, a->pending), ms_goes_straight(a->code[a->pending], a->pending, pc));
    }
    a->is_pending = ms_decides(a->code, pc, &a->pending);
}

// ---- the result -------------------------------------------------------------------------------

void ms_coverage_each(ms_vm *vm, void *user, void (*each)(void *, const ms_covered *)) {
    if (!vm->cov) return;
    for (cov_file *file = vm->cov->files; file; file = file->next) {
        for (uint32_t line = 0; line < file->cap; line++)
            if (file->hits[line])
                each(user, &(ms_covered){ MS_C_LINE, file->name, (int32_t)line, 0, 0, { file->hits[line], 0 } });
        for (cov_function *f = file->functions; f; f = f->next) {
            each(user, &(ms_covered){ MS_C_FUNCTION, file->name, f->first, f->last, 0, { f->calls, 0 } });
            for (uint32_t pc = 0; pc < f->cap; pc++)
                if (f->ways[pc][0] || f->ways[pc][1])
                    each(user, &(ms_covered){ MS_C_BRANCH, file->name, f->first, f->last, (int32_t)pc,
                                              { f->ways[pc][0], f->ways[pc][1] } });
        }
    }
}

void ms_cover_free(ms_vm *vm) {
    if (!vm->cov) return;
    while (vm->cov->files) {
        cov_file *file = vm->cov->files;
        vm->cov->files = file->next;
        while (file->functions) {
            cov_function *f = file->functions;
            file->functions = f->next;
            free(f->ways);
            free(f);
        }
        free(file->name);
        free(file->hits);
        free(file);
    }
    free(vm->cov->table);
    free(vm->cov);
    vm->cov = NULL;
}
