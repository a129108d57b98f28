// What the coverage files share: the tables of what has run, and the instructions that decide where to go on.
#ifndef MS_COVERAGE_H
#define MS_COVERAGE_H

#include "ms_internal.h"

typedef struct cov_function {
    int32_t first, last;                                       // its lines
    uint64_t calls;
    uint64_t (*ways)[2];                                       // by the place of the deciding instruction
    uint32_t cap;
    struct cov_function *next;
} cov_function;

typedef struct cov_file {
    char *name;
    uint64_t *hits;                                            // by line
    uint32_t cap;
    cov_function *functions;
    struct cov_file *next;
} cov_file;

typedef struct cov_activation {
    const void *ci;
    const uint32_t *code;
    cov_function *function;                                    // null for what is ours
    uint32_t pending;                                          // the deciding instruction that ran last
    bool is_pending;
} cov_activation;

typedef struct ms_cov {
    cov_file *files, *last;
    bool branches;
    cov_activation *table, *current;                           // open addressing by ci
    uint32_t cap, count;
} ms_cov;

// ---- ms_branch.c --------------------------------------------------------------------------
enum { MS_OP_LFALSESKIP = 6, MS_OP_LOADTRUE = 7, MS_OP_JMP = 56, MS_OP_EQ = 57, MS_OP_TESTSET = 67,
       MS_OP_FORLOOP = 73, MS_OP_FORPREP = 74, MS_OP_TFORPREP = 75, MS_OP_TFORCALL = 76, MS_OP_TFORLOOP = 77 };
static inline uint32_t ms_op(uint32_t i) { return i & 0x7f; }
static inline bool ms_is_test(uint32_t i) { return ms_op(i) >= MS_OP_EQ && ms_op(i) <= MS_OP_TESTSET; }
static inline uint32_t ms_bx(uint32_t i) { return i >> 15; }
// Where a JMP at `pc` leads.
static inline int64_t ms_jump(uint32_t i, uint32_t pc) { return (int64_t)pc + 1 + (int64_t)(i >> 7) - ((1 << 24) - 1); }

// Whether this library is built so that instructions can be followed; found out by a trial, once.
bool ms_can_follow(void);
// The address behind the instruction that is about to run.
const uint32_t *ms_saved_pc(const lua_Debug *ar);
// Where the code of a Lua function begins, seen from the call hook.
const uint32_t *ms_code_at_call(const lua_Debug *ar);
// Whether the instruction at `pc` leads to a decision, and which instruction makes it.
bool ms_decides(const uint32_t *code, uint32_t pc, uint32_t *decision);
// The instruction under which a decision is counted: both of a numeric loop are one branch.
uint32_t ms_branch_of(const uint32_t *code, uint32_t decision);
// Which of the two ways led to `next`.
bool ms_goes_straight(uint32_t instruction, uint32_t pc, uint32_t next);

#endif
