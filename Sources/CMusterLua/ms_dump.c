// Which lines can run, which functions there are, and where they branch: out of a dump of the compiled text, whose
// format is checked first.
#include "ms_coverage.h"

// The layout is that of ldump.c in Lua 5.4; anything else is refused, not guessed.

enum { VARIANT_NIL = 0, VARIANT_FALSE = 1, VARIANT_TRUE = 17, VARIANT_INT = 3, VARIANT_NUM = 19, VARIANT_SHORT = 4, VARIANT_LONG = 20 };
enum { ABSOLUTE_LINE = -0x80 };

typedef struct dump {
    const uint8_t *p, *end;
    bool bad;
    void *user;
    void (*each)(void *, const ms_executable *);
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

// Whether a test only makes a value: `x = a == b`.
static bool makes_value(const uint32_t *code, int64_t straight, int64_t jump) {
    return (straight + 1 == jump && ms_op(code[straight]) == MS_OP_LFALSESKIP && ms_op(code[jump]) == MS_OP_LOADTRUE)
        || (jump + 1 == straight && ms_op(code[jump]) == MS_OP_LFALSESKIP && ms_op(code[straight]) == MS_OP_LOADTRUE);
}

// The instructions to which another one than the one before leads.
static void mark_targets(const uint32_t *code, uint64_t count, bool *targets) {
    for (uint32_t pc = 0; pc < count; pc++) {
        int64_t to = -1;
        switch (ms_op(code[pc])) {
            case MS_OP_JMP: to = ms_jump(code[pc], pc); break;
            case MS_OP_FORLOOP: case MS_OP_TFORLOOP: to = (int64_t)pc + 1 - ms_bx(code[pc]); break;
            case MS_OP_FORPREP: to = (int64_t)pc + ms_bx(code[pc]) + 2; break;
            case MS_OP_TFORPREP: to = (int64_t)pc + ms_bx(code[pc]) + 1; break;
            default: break;
        }
        if (to >= 0 && to < (int64_t)count) targets[to] = true;
    }
}

// Whether a test is of a value that was written right before, so that it can go one way only: `x and "a" or "b"` tests
// "a". A table or function written there is recognised too.
static bool tests_constant(const uint32_t *code, const bool *targets, uint32_t pc) {
    enum { LOADI = 1, LOADNIL = 8, SETTABLE = 16, SETI = 17, SETFIELD = 18, NEWTABLE = 19, SETLIST = 78, CLOSURE = 79, EXTRAARG = 82 };
    uint32_t op = ms_op(code[pc]);
    if (op != MS_OP_TESTSET - 1 && op != MS_OP_TESTSET) return false;      // TEST, TESTSET
    uint32_t tested = op == MS_OP_TESTSET ? code[pc] >> 16 & 0xff : code[pc] >> 7 & 0xff;
    for (uint32_t at = pc; at > 0 && pc - at < 200 && !targets[at]; at--) {
        uint32_t before = code[at - 1], written = before >> 7 & 0xff;
        op = ms_op(before);
        if (op == EXTRAARG) continue;
        if (op == MS_OP_JMP || ms_is_test(before) || (op >= MS_OP_FORLOOP && op <= MS_OP_TFORLOOP) || written < tested) return false;
        if (written > tested) {
            if (at == pc) return false;
            continue;
        }
        if ((op >= LOADI && op <= LOADNIL && op != MS_OP_LFALSESKIP) || op == NEWTABLE || op == CLOSURE) return true;
        if (op != SETTABLE && op != SETI && op != SETFIELD && op != SETLIST) return false;
    }
    return false;
}

static void each_branch(dump *d, const uint8_t *bytes, const int32_t *lines, uint64_t count, int32_t first, int32_t last) {
    uint32_t *code = malloc((count + 1) * sizeof *code);
    bool *targets = calloc(count + 1, sizeof *targets);
    if (!code || !targets) {
        free(code);
        free(targets);
        d->bad = true;
        return;
    }
    memcpy(code, bytes, count * sizeof *code);
    mark_targets(code, count, targets);
    for (uint32_t pc = 0; pc + 2 < count; pc++) {
        uint32_t i = code[pc];
        int64_t straight, other;
        if (ms_is_test(i) && ms_op(code[pc + 1]) == MS_OP_JMP) {
            straight = pc + 2;
            other = ms_jump(code[pc + 1], pc + 1);
        } else if (ms_op(i) == MS_OP_FORPREP) {
            straight = pc + 1;
            other = (int64_t)pc + ms_bx(i) + 2;
        } else if (ms_op(i) == MS_OP_TFORLOOP) {
            straight = (int64_t)pc + 1 - ms_bx(i);
            other = pc + 1;
        } else {
            continue;
        }
        if (straight < 0 || other < 0 || straight >= (int64_t)count || other >= (int64_t)count || straight == other) continue;
        if (ms_is_test(i) && (makes_value(code, straight, other) || tests_constant(code, targets, pc))) continue;
        d->each(d->user, &(ms_executable){ .kind = MS_C_BRANCH, .first = first, .last = last, .line = lines[pc],
                                           .instruction = (int32_t)pc, .to = { lines[straight], lines[other] } });
    }
    free(targets);
    free(code);
}

static void read_function(dump *d, int depth) {
    if (depth > 200) d->bad = true;                            // the compiler allows no more
    if (d->bad) return;
    skip_string(d);                                            // source
    int32_t first = (int32_t)get_size(d), last = (int32_t)get_size(d);
    get_byte(d);                                               // parameters
    uint8_t vararg = get_byte(d);
    get_byte(d);                                               // stack size
    uint64_t ncode = get_size(d);
    const uint8_t *code = skip(d, ncode * 4);
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
    if (d->bad || count != ncode) {
        d->bad = true;
        return;
    }
    d->each(d->user, &(ms_executable){ .kind = MS_C_FUNCTION, .first = first, .last = last });
    int32_t *lines = malloc((count + 1) * sizeof *lines);
    if (!lines) {
        d->bad = true;
        return;
    }
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
        lines[pc] = line;
        // Not lines of the script: the instruction that sets up a vararg function, and the final return
        // that every function carries.
        if ((vararg && pc == 0) || pc + 1 == count) continue;
        d->each(d->user, &(ms_executable){ .kind = MS_C_LINE, .first = first, .last = last, .line = line });
    }
    if (ms_can_follow()) each_branch(d, code, lines, count, first, last);
    free(lines);
}

static int append(lua_State *L, const void *p, size_t n, void *buffer) {
    (void)L;
    ms_buf_put(buffer, p, n);
    return 0;
}

int32_t ms_executable_parts(const char *chunk, const char *source, size_t size, void *user,
                            void (*each)(void *, const ms_executable *)) {
    // signature, version, format, data check, sizes of Instruction, lua_Integer and lua_Number
    static const uint8_t header[] = { 0x1b, 'L', 'u', 'a', 0x54, 0, 0x19, 0x93, '\r', '\n', 0x1a, '\n', 4, 8, 8 };
    enum { AFTER = 8 + 8 + 1 };                                // a check integer, a check number, the number of upvalues
    lua_State *L = luaL_newstate();
    if (!L) return -1;
    if (size >= 3 && memcmp(source, "\xEF\xBB\xBF", 3) == 0) {  // as ms_compile does
        source += 3;
        size -= 3;
    }
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
