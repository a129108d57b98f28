import MusterCore
import SCIM
import Testing

@testable import MusterPlugins

@Suite("onConflict")
struct ConflictHookTests {
    private static let conflict = UniquenessConflict(path: "userName", value: "ada", attempt: 2)

    @Test("sees what is taken, and proposes in place")
    func proposal() async throws {
        let plugins = try await plugin(
            .onConflict,
            """
            assert(ctx.resourceType == "User" and ctx.operation == "create" and ctx.changes.userName.to == "ada")
            local conflict = ctx.conflict
            ctx.user[conflict.path] = conflict.value .. conflict.attempt
            """)
        let proposed = try await plugins.host.interceptor.resolve(.create(["userName": "ada", "title": "x"]), Self.conflict)
        #expect(proposed?.after?["userName"] == "ada2" && proposed?.after?["title"] == "x")
        #expect(!plugins.host.interceptor.concerns("User"), "without a conflict nobody asks it")
    }

    @Test("is asked of the plugins in their order, until one has a proposal")
    func order() async throws {
        let plugins = try TestPlugins()
        try plugins.add("a", #""order": 900"#, lua: "return { onConflict = function(ctx) ctx.user.userName = 'a' end }")
        try plugins.add("b", lua: "return { onConflict = function(ctx) return ctx.skip('not mine') end }")
        try plugins.add("c", lua: "return { onConflict = function(ctx) if ctx.conflict.attempt < 3 then ctx.user.userName = 'c' end end }")
        try await plugins.host.load()
        func name(_ attempt: Int) async throws -> AttributeValue? {
            let conflict = UniquenessConflict(path: "userName", value: "ada", attempt: attempt)
            return try await plugins.host.interceptor.resolve(.create(["userName": "ada"]), conflict)?.after?["userName"]
        }
        #expect(try await name(1) == "c")
        #expect(try await name(3) == "a")
    }

    @Test("may reject with an answer of its own")
    func reject() async throws {
        let plugins = try await plugin(.onConflict, #"ctx.reject { status = 409, detail = ctx.conflict.value .. " is known" }"#)
        let error = await #expect(throws: SCIMError.self) {
            try await plugins.host.interceptor.resolve(.create(["userName": "ada"]), Self.conflict)
        }
        #expect(error?.status == 409 && error?.detail == "ada is known")
    }

    @Test("that fails refuses or is passed over, as the manifest says", arguments: [true, false])
    func failure(ignores: Bool) async throws {
        for body in ["error('broken')", "ctx.user = 7"] {
            let plugins = try await plugin(.onConflict, body, manifest: ignores ? #""onFailure": "ignore""# : "")
            if ignores {
                #expect(try await plugins.host.interceptor.resolve(.create(["userName": "ada"]), Self.conflict)?.after == nil)
            } else {
                await #expect(throws: SCIMError(status: 503, detail: "")) {
                    try await plugins.host.interceptor.resolve(.create(["userName": "ada"]), Self.conflict)
                }
            }
        }
    }

    @Test("runs in specs, twice, and must answer the same")
    func specs() async throws {
        let plugins = try TestPlugins()
        try plugins.add(
            "probe",
            lua: """
                local count = 0
                return { onConflict = function(ctx)
                  count = count + 1
                  if ctx.user.userName == "eve" then ctx.user.userName = "eve" .. count return end
                  ctx.user.userName = ctx.conflict.value .. ctx.conflict.attempt
                end }
                """,
            files: [
                "spec/probe_spec.lua": """
                it("counts", function()
                  local run = test.run("onConflict", { user = { userName = "ada" } })
                  expect(run.outcome).equals("done")
                  expect(run.user.userName).equals("ada1")
                  run = test.run("onConflict", { user = { userName = "ada" }, conflict = { attempt = 3, value = "x" } })
                  expect(run.user.userName).equals("x3")
                end)
                it("is not the same", function()
                  expect(test.error_of("onConflict", { user = { userName = "eve" } })).contains("answered differently")
                end)
                """
            ])
        let report = try await PluginTestRunner(directory: plugins.directory).run()
        #expect(report.summary == "2 passed, 0 failed, 0 pending", "\(report.results.compactMap(\.message))")
    }
}
