// Line coverage: hits by line hook, and the executable lines from the compiler's own line table, which is
// read out of a dump of the compiled text (whose format is checked first).
#include "ms_internal.h"

// ---- hits -------------------------------------------------------------------------------------

typedef struct cov_file {
    char *name;
    uint64_t *hits;                                            // by line
    uint32_t cap;
    struct cov_file *next;
} cov_file;

typedef struct ms_cov {
    cov_file *files, *last;
} ms_cov;

static void *must(void *p) {
    if (!p) abort();
    return p;
}

void ms_coverage(ms_vm *vm, bool on) {
    if (on && !vm->cov) vm->cov = must(calloc(1, sizeof *vm->cov));
    vm->cov_on = on;
}

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

void ms_coverage_each(ms_vm *vm, void *user, void (*each)(void *, const char *, uint32_t, uint64_t)) {
    if (!vm->cov) return;
    for (cov_file *f = vm->cov->files; f; f = f->next)
        for (uint32_t line = 0; line < f->cap; line++)
            if (f->hits[line]) each(user, f->name, line, f->hits[line]);
}

void ms_cover_free(ms_vm *vm) {
    if (!vm->cov) return;
    while (vm->cov->files) {
        cov_file *f = vm->cov->files;
        vm->cov->files = f->next;
        free(f->name);
        free(f->hits);
        free(f);
    }
    free(vm->cov);
    vm->cov = NULL;
}

// ---- executable lines -------------------------------------------------------------------------
// The layout is that of ldump.c in Lua 5.4; anything else is refused, not guessed.

enum { VARIANT_NIL = 0, VARIANT_FALSE = 1, VARIANT_TRUE = 17, VARIANT_INT = 3, VARIANT_NUM = 19, VARIANT_SHORT = 4, VARIANT_LONG = 20 };
enum { ABSOLUTE_LINE = -0x80 };

typedef struct dump {
    const uint8_t *p, *end;
    bool bad;
    void *user;
    void (*each)(void *, int32_t, int32_t, int32_t);
} dump;

static uint8_t get_byte(dump *d) {
    if (d->p < d->end) return *d->p++;
    d->bad = true;
    return 0;
}

static uint64_t get_size(dump *d) {                            // seven bits a byte, the last one marked
    uint64_t v = 0;
    while (!d->bad) {
        uint8_t b = get_byte(d);
        v = v << 7 | (b & 0x7f);
        if (b & 0x80) break;
    }
    return v;
}

static const uint8_t *skip(dump *d, uint64_t n) {
    const uint8_t *start = d->p;
    if ((uint64_t)(d->end - d->p) < n) {
        d->bad = true;
        d->p = d->end;
    } else {
        d->p += n;
    }
    return start;
}

static void skip_string(dump *d) {
    uint64_t n = get_size(d);
    if (n > 1) skip(d, n - 1);
}

static void skip_constants(dump *d) {
    for (uint64_t n = get_size(d); n > 0 && !d->bad; n--) {
        switch (get_byte(d)) {
            case VARIANT_NIL: case VARIANT_FALSE: case VARIANT_TRUE: break;
            case VARIANT_INT: case VARIANT_NUM: skip(d, 8); break;
            case VARIANT_SHORT: case VARIANT_LONG: skip_string(d); break;
            default: d->bad = true;
        }
    }
}

static void read_function(dump *d, int depth) {
    if (depth > 200) d->bad = true;                            // the compiler allows no more
    if (d->bad) return;
    skip_string(d);                                            // source
    int32_t first = (int32_t)get_size(d), last = (int32_t)get_size(d);
    get_byte(d);                                               // parameters
    uint8_t vararg = get_byte(d);
    get_byte(d);                                               // stack size
    skip(d, get_size(d) * 4);                                  // instructions
    skip_constants(d);
    skip(d, get_size(d) * 3);                                  // upvalues
    for (uint64_t n = get_size(d); n > 0 && !d->bad; n--) read_function(d, depth + 1);
    uint64_t count = get_size(d);
    const uint8_t *deltas = skip(d, count);
    dump absolute = *d;                                        // read again below, beside the deltas
    uint64_t nabsolute = get_size(d);
    for (uint64_t i = 0; i < nabsolute && !d->bad; i++) get_size(d), get_size(d);
    for (uint64_t n = get_size(d); n > 0 && !d->bad; n--) skip_string(d), get_size(d), get_size(d);   // locals
    for (uint64_t n = get_size(d); n > 0 && !d->bad; n--) skip_string(d);                             // upvalue names
    if (d->bad) return;
    d->each(d->user, 1, first, last);
    int32_t line = first;
    nabsolute = get_size(&absolute);
    for (uint64_t pc = 0; pc < count; pc++) {
        int8_t delta = (int8_t)deltas[pc];
        if (delta != ABSOLUTE_LINE) {
            line += delta;
        } else {
            get_size(&absolute);                               // its pc, which is this one
            line = (int32_t)get_size(&absolute);
        }
        // Not lines of the script: the instruction that sets up a vararg function, and the final return
        // that every function carries.
        if ((vararg && pc == 0) || pc + 1 == count) continue;
        d->each(d->user, 0, line, first);
    }
}

static int append(lua_State *L, const void *p, size_t n, void *buffer) {
    (void)L;
    ms_buf_put(buffer, p, n);
    return 0;
}

int32_t ms_executable_lines(const char *chunk, const char *source, size_t size, void *user,
                            void (*each)(void *, int32_t, int32_t, int32_t)) {
    // signature, version, format, data check, sizes of Instruction, lua_Integer and lua_Number
    static const uint8_t header[] = { 0x1b, 'L', 'u', 'a', 0x54, 0, 0x19, 0x93, '\r', '\n', 0x1a, '\n', 4, 8, 8 };
    enum { AFTER = 8 + 8 + 1 };                                // a check integer, a check number, the number of upvalues
    lua_State *L = luaL_newstate();
    if (!L) return -1;
    ms_buf b = { 0 };
    int32_t code = -1;
    if (luaL_loadbufferx(L, source, size, chunk, "t") == LUA_OK && lua_dump(L, append, &b, 0) == 0
        && b.n > sizeof header + AFTER && memcmp(b.p, header, sizeof header) == 0) {
        dump d = { b.p + sizeof header + AFTER, b.p + b.n, false, user, each };
        read_function(&d, 0);
        code = d.bad ? -2 : 0;
    }
    free(b.p);
    lua_close(L);
    return code;
}
