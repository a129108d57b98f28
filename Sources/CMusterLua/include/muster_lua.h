// The whole surface that Swift sees: no lua_State, no Lua stack, no longjmp.
//
// Values cross as "tapes": flat, self-delimiting byte strings in the machine's byte order. Every Lua
// call that can raise an error happens inside this target, under a protected call that C holds, so
// that no error can ever unwind through a Swift frame.
//
// A state belongs to one thread at a time; no function here may be called on it concurrently.
#ifndef MUSTER_LUA_H
#define MUSTER_LUA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// ---- tape tags ------------------------------------------------------------------------
enum {
    MS_T_NIL = 0,    // absent; only as a top-level result or argument
    MS_T_NULL = 1,   // JSON null, the `null` of scripts
    MS_T_FALSE = 2,
    MS_T_TRUE = 3,
    MS_T_INT = 4,    // + int64
    MS_T_NUM = 5,    // + double
    MS_T_STR = 6,    // + u32 length + UTF-8 bytes
    MS_T_ARR = 7,    // + u32 count + values
    MS_T_OBJ = 8,    // + u32 count + (u32 key length + key bytes + value)*
    MS_T_EMPTY = 9   // an unmarked empty Lua table: [] or {}, the schema decides
};

// The most host functions that one state takes.
enum { MS_MAX_FUNCTIONS = 256 };

typedef struct ms_vm ms_vm;

typedef struct ms_config {
    size_t memory_limit;     // hard cap on the state's heap, bytes
    size_t max_block;        // largest single allocation, bytes; 0: no limit
    uint32_t hook_every;     // instructions between two looks at the clock
    uint32_t max_tape;       // largest tape that a script can produce, bytes
    uint64_t cpu_budget_ns;  // CPU time of one run over all its slices, unless the run brings its own
    uint64_t load_budget_ns; // CPU time for loading
} ms_config;

typedef enum { MS_DONE = 0, MS_PENDING = 1, MS_FAILED = 2 } ms_step_status;

typedef enum {
    MS_E_NONE = 0,
    MS_E_RUNTIME,    // error() or a Lua runtime error; its value in `data`
    MS_E_SYNTAX,
    MS_E_MEMORY,
    MS_E_CPU,        // CPU budget used up
    MS_E_CANCELLED,
    MS_E_CONVERT,    // a value could not cross
    MS_E_POISONED,   // Lua panicked: throw the state away
    MS_E_MISUSE
} ms_error_kind;

typedef struct ms_step {
    int32_t status;          // ms_step_status
    int32_t error;           // ms_error_kind
    uint32_t run;            // run id
    uint32_t fn;             // MS_PENDING: the host function that is waited for
    const uint8_t *data;     // result, error value or pending arguments: a tape, valid until the next call
    size_t size;
    const char *traceback;   // for failures
    const char *file;        // chunk name of the failing line without its '@'; "" if none
    int32_t line;
} ms_step;

typedef struct ms_stats {
    size_t used, peak;       // bytes of heap
    uint64_t refused;        // allocations refused by a limit
    uint64_t runs, hooks, coroutines;
    uint64_t cpu_ns;         // of the last finished run
} ms_stats;

// A host function called synchronously. It must not call anything here on the same state except
// ms_reply, with which it leaves its reply. Returns 0: a list of results; 1: an error value to raise.
typedef int32_t (*ms_host_fn)(void *user, uint32_t fn, uint32_t run, const uint8_t *args, size_t size, ms_vm *vm);

// ---- life cycle -------------------------------------------------------------------------
// Null when the memory limit does not hold even the libraries.
ms_vm *ms_open(const ms_config *config, ms_host_fn host, void *user);
void ms_close(ms_vm *vm);
ms_stats ms_statistics(ms_vm *vm);
void ms_collect(ms_vm *vm);
// Gives the state up, as a panic of Lua's does: every later call fails with MS_E_POISONED.
void ms_poison(ms_vm *vm);

// ---- setting up: host functions and phases, then preludes, then modules, then the script ----
// Host function `fn` as module.name. phases: bits in which it may be called, 0 for all. 0 on success.
int32_t ms_register(ms_vm *vm, const char *module, const char *name, uint32_t fn, bool async, uint32_t phases);
// The name of a phase bit in messages (bit 0 is the phase of loading).
void ms_name_phase(ms_vm *vm, uint32_t phase, const char *name);
// Trusted source, without budget, with the table behind the scripts' read-only globals as its own.
ms_step ms_prelude(ms_vm *vm, const char *chunk, const char *source, size_t size);
// Takes away what only preludes may name. Called by itself at the first load.
int32_t ms_seal(ms_vm *vm);
// Source that `require(name)` may load. 0 on success.
int32_t ms_add_module(ms_vm *vm, const char *name, const char *chunk, const char *source, size_t size);
// Runs a script's chunk; its first result is kept as the entry.
ms_step ms_load(ms_vm *vm, const char *chunk, const char *source, size_t size);

// ---- runs -------------------------------------------------------------------------------
// Calls `name` in the driver table (without a prelude: in the entry table; NULL: the entry itself)
// with the elements of the tape, an array. cpu_ns: the run's budget, 0 for the configured one.
ms_step ms_start(ms_vm *vm, const char *name, uint32_t phase, uint64_t cpu_ns, const uint8_t *tape, size_t size);
// Goes on with a pending run. is_error: the value is raised inside the script.
ms_step ms_resume(ms_vm *vm, uint32_t run, bool is_error, const uint8_t *tape, size_t size);
// Ends a pending run. No script code runs any more.
void ms_cancel(ms_vm *vm, uint32_t run);
// Where a pending run waits: only `file` and `line` are set.
ms_step ms_locate(ms_vm *vm, uint32_t run);
void ms_reply(ms_vm *vm, const uint8_t *tape, size_t size);

// ---- coverage ---------------------------------------------------------------------------
void ms_coverage(ms_vm *vm, bool on);
typedef enum { MS_C_LINE = 0, MS_C_FUNCTION = 1, MS_C_BRANCH = 2 } ms_coverage_kind;

// What has run. A line: `first` and hits[0]. A function: its first and last line, and hits[0]. A branch: its function's
// lines, its deciding instruction, and how often it went straight on and the other way.
typedef struct ms_covered {
    int32_t kind;            // ms_coverage_kind
    const char *file;
    int32_t first, last, instruction;
    uint64_t hits[2];
} ms_covered;
void ms_coverage_each(ms_vm *vm, void *user, void (*each)(void *user, const ms_covered *covered));

// What can run, in the same terms; `first` and `last` are the lines of the function (0: the chunk itself), `to` those
// where the two ways of a branch lead.
typedef struct ms_executable {
    int32_t kind;            // ms_coverage_kind
    int32_t first, last, line, instruction, to[2];
} ms_executable;
// From the compiler's own tables. 0 on success.
int32_t ms_executable_parts(const char *chunk, const char *source, size_t size, void *user,
                            void (*each)(void *user, const ms_executable *part));

#endif
