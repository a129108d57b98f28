// Following the instructions of Lua 5.4, whose numbers and layout are those of lopcodes.h and lstate.h.
//
// The public interface tells a hook the line, but not the instruction. It lies in the CallInfo behind
// lua_Debug.i_ci. That this holds is tried out before it is used; where it does not, no branch is counted.
#include "ms_coverage.h"

const uint32_t *ms_saved_pc(const lua_Debug *ar) {
    // func, top, previous, next, then savedpc
    return *(const uint32_t *const *)((const char *)ar->i_ci + 4 * sizeof(void *));
}

const uint32_t *ms_code_at_call(const lua_Debug *ar) {
    return ms_saved_pc(ar) - (ar->isvararg ? 2 : 1);           // a vararg function has run its VARARGPREP by then
}

bool ms_decides(const uint32_t *code, uint32_t pc, uint32_t *decision) {
    uint32_t i = code[pc];
    *decision = pc;
    if (ms_is_test(i)) return true;
    switch (ms_op(i)) {
        case MS_OP_FORLOOP: case MS_OP_FORPREP: case MS_OP_TFORLOOP: return true;
        case MS_OP_TFORCALL: *decision = pc + 1; return true;  // these run on into TFORLOOP without another hook
        case MS_OP_TFORPREP: *decision = pc + ms_bx(i) + 2; return true;
        default: return false;
    }
}

uint32_t ms_branch_of(const uint32_t *code, uint32_t decision) {
    return ms_op(code[decision]) == MS_OP_FORLOOP ? decision - ms_bx(code[decision]) : decision;
}

bool ms_goes_straight(uint32_t i, uint32_t pc, uint32_t next) {
    if (ms_is_test(i)) return next == pc + 2;                  // passes over the jump
    return ms_op(i) == MS_OP_FORPREP ? next == pc + 1 : next != pc + 1;   // into the body
}

// ---- the trial --------------------------------------------------------------------------------

typedef struct trial {
    const uint32_t *code[2];                                   // of the chunk and of its function
    int32_t depth, calls;
    uint32_t steps, after_test[2];
    bool is_wrong, after;
} trial;

static void follow(lua_State *L, lua_Debug *ar) {
    trial *t = *(trial **)lua_getextraspace(L);
    if (t->is_wrong) return;
    lua_getinfo(L, "Su", ar);
    if (*ar->what == 'C') return;
    int which = ar->linedefined == 0 ? 0 : 1;
    if (ar->event == LUA_HOOKCALL) {
        const uint32_t *code = ms_code_at_call(ar);
        t->is_wrong = ((uintptr_t)code & 3) != 0 || (t->code[which] && t->code[which] != code);
        t->code[which] = code;
        t->calls += which;
        return;
    }
    if (ar->event != LUA_HOOKCOUNT) return;
    const uint32_t *next = ms_saved_pc(ar);
    if (!t->code[which] || next <= t->code[which] || next > t->code[which] + 64) {
        t->is_wrong = true;
        return;
    }
    uint32_t pc = (uint32_t)(next - t->code[which]) - 1;
    t->steps++;
    if (which == 0) return;
    if (t->after && t->calls >= 1 && t->calls <= 2) t->after_test[t->calls - 1] = pc;
    t->after = ms_is_test(t->code[which][pc]);
    if (t->after && pc != 0) t->is_wrong = true;               // the test is its first instruction
}

bool ms_can_follow(void) {
    static int known;                                          // 0: not tried, 1: yes, 2: no
    int answer = __atomic_load_n(&known, __ATOMIC_RELAXED);
    if (answer) return answer == 1;
    static const char text[] = "local function f(x)\n if x then return 1 end\n return 2\nend\nreturn f(true), (f(false))";
    trial t = { .is_wrong = LUA_VERSION_NUM != 504 };
    lua_State *L = luaL_newstate();
    if (!L) return false;
    *(trial **)lua_getextraspace(L) = &t;
    lua_sethook(L, follow, LUA_MASKCALL | LUA_MASKCOUNT, 1);
    bool ran = luaL_loadbufferx(L, text, sizeof text - 1, "=trial", "t") == LUA_OK && lua_pcall(L, 0, 0, 0) == LUA_OK;
    lua_close(L);
    bool yes = ran && !t.is_wrong && t.calls == 2 && t.steps > 8 && t.after_test[0] == 2 && t.after_test[1] > 2;
    __atomic_store_n(&known, yes ? 1 : 2, __ATOMIC_RELAXED);
    return yes;
}
