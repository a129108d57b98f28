import Foundation
import MusterCore
import SCIM
import Synchronization
import Testing

@testable import MusterPlugins

@Suite("Shadows of plugins") struct ShadowTests {
    static let permissions = #""permissions": {"http": ["https://x.example/*"], "kv": true, "scim": ["groups:write"]}"#

    /// A loaded plugin `probe` with a shadow beside it.
    private func pair(_ live: String, _ shadow: String, transport: FakeTransport = FakeTransport()) async throws -> TestPlugins {
        let plugins = try TestPlugins(transport: transport)
        try plugins.add("probe", Self.permissions, lua: live)
        try write(shadow, to: plugins)
        let reports = try await plugins.host.load(settings(plugins))
        #expect(reports.map(\.shadow) == ["2.0.0"], "\(reports.flatMap(\.diagnostics))")
        return plugins
    }

    private func write(_ lua: String, to plugins: TestPlugins) throws {
        try plugins.write("_next/probe/plugin.json", #"{"name": "probe", "version": "2.0.0", "api": 1, \#(Self.permissions)}"#)
        try plugins.write("_next/probe/init.lua", lua)
    }

    private func settings(_ plugins: TestPlugins) -> PluginSettings {
        PluginSettings(plugins: ["probe": .init(shadow: plugins.directory.appending(path: "_next/probe").path)])
    }

    private func report(_ plugins: TestPlugins) async throws -> ShadowReport {
        await plugins.host.settleShadows()
        return try #require(try await ShadowReport.stored(in: plugins.store, plugin: "probe"))
    }

    @Test("a shadow that does the same agrees; the live version alone decides")
    func agrees() async throws {
        let lua = "return { mapUser = function(ctx) ctx.user.title = 'a'; ctx.groups.add('crew') end }"
        let plugins = try await pair(lua, lua)
        #expect(try await plugins.create(["userName": "ada"]).after?["title"] == "a")
        let report = try await report(plugins)
        #expect((report.runs, report.agreements, report.divergences, report.dropped) == (1, 1, 0, 0))
        #expect(report.list.isEmpty)
    }

    @Test("what a map hook does otherwise is listed by path, without values, and changes nothing")
    func map() async throws {
        let plugins = try await pair(
            "return { mapUser = function(ctx) ctx.user.title = 'a'; ctx.user.nickName = 'secret'; ctx.groups.add('crew') end }",
            """
            return { mapUser = function(ctx)
              ctx.user.title, ctx.user.name = 'b', { givenName = 'Ada' }
              ctx.groups.add('staff')
            end }
            """)
        let change = try await plugins.create(["userName": "ada"])
        #expect(change.after?["title"] == "a" && change.groupEffects.map(\.group) == ["crew"])
        let report = try await report(plugins)
        #expect(report.divergences == 1)
        let divergence = try #require(report.list.first)
        #expect((divergence.hook, divergence.subject, divergence.requestID) == ("mapUser", "User/u1", "request-1"))
        #expect(divergence.eventID == nil)
        #expect(
            Set(divergence.lines) == [
                "~ user.title", "- user.nickName", "+ user.name.givenName", "- groups.add(crew)", "+ groups.add(staff)",
            ],
            "\(divergence.lines)")
        #expect(!report.stored.jsonText.contains("secret"))
    }

    @Test(
        "another outcome is a divergence",
        arguments: [
            ("", "ctx.reject{}", ["~ outcome: done → reject"]),
            ("ctx.reject{status = 400}", "ctx.reject{status = 403}", ["~ reject.status: 400 → 403"]),
            ("ctx.reject{detail = 'a'}", "ctx.reject{detail = 'b'}", ["~ reject.detail"]),
            ("", "error('x')", ["~ outcome: done → failed (runtime error at probe/init.lua:1)"]),
            ("error('x')", "error('y')", []), ("ctx.skip('a')", "ctx.skip('b')", []),
        ])
    func outcome(live: String, shadow: String, lines: [String]) async throws {
        func lua(_ body: String) -> String { "return { checkUser = function(ctx) \(body) end }" }
        let plugins = try await pair(lua(live), lua(shadow))
        _ = try? await plugins.create(["userName": "ada"])
        let report = try await report(plugins)
        #expect(report.list.map(\.lines) == (lines.isEmpty ? [] : [lines]))
        #expect(report.agreements == (lines.isEmpty ? 1 : 0))
    }

    @Test("the shadow of a hook after the commit is told what the live one was told, and sends and keeps nothing")
    func on() async throws {
        let transport = FakeTransport { request in
            .init(status: request.url.hasSuffix("/who") ? 201 : 200, body: Array(#"{"id": 7}"#.utf8))
        }
        func lua(_ template: String) -> String {
            """
            return { onCreate = function(ctx)
              local reply = muster.http.get("https://x.example/who?name=" .. ctx.user.userName)
              local seen = muster.kv.incr("seen", 1)
              muster.http.post("https://x.example/mail", { json = { template = \(template), id = reply.decode().id, seen = seen } })
            end }
            """
        }
        let plugins = try await pair(lua("'a'"), lua("'b'"), transport: transport)
        for _ in 0..<2 { #expect(await plugins.handle("probe", .user(.userCreated)) == .delivered) }
        let report = try await report(plugins)
        #expect(transport.requests.count == 4, "what the live version sends, and no more")
        #expect(plugins.store.state.withLock { $0.values["default/probe/seen"].flatMap { PluginValue(bytes: $0.bytes)?.value } } == 2)
        #expect(report.divergences == 2)
        for divergence in report.list {
            #expect(divergence.lines == ["~ POST https://x.example/mail", "    ~ body.template"])
            #expect(divergence.eventID == "change-1-1" && divergence.subject == "User/u1")
        }
    }

    @Test(
        "the shadow is told whole answers, long ones and such with tokens too; only of more than can be held the calls are not compared",
        arguments: [(40, "reply", true), (40, "reply .. '!'", false), (1100, "reply .. '!'", true)])
    func wholeAnswers(kilobytes: Int, sent: String, agrees: Bool) async throws {
        let answer = #"{"access_token": "t0ken", "text": "\#(String(repeating: "x", count: kilobytes << 10))"}"#
        func lua(_ sent: String) -> String {
            """
            return { onCreate = function(ctx)
              local token = muster.kv.get("login").access_token
              local reply = muster.http.get("https://x.example/who").body
              reply = token .. reply:sub(1, 100) .. #reply
              muster.http.post("https://x.example/mail", { json = { text = \(sent) } })
            end }
            """
        }
        let plugins = try await pair(
            lua("reply"), lua(sent), transport: FakeTransport { _ in .init(status: 200, body: Array(answer.utf8)) })
        plugins.store.state.withLock { $0.values = ["default/probe/login": (PluginValue(["access_token": "k3pt"]).bytes, nil)] }
        #expect(await plugins.handle("probe", .user(.userCreated)) == .delivered)
        let report = try await report(plugins)
        #expect((report.agreements, report.divergences) == (agrees ? 1 : 0, agrees ? 0 : 1), "\(report.list)")
    }

    @Test("a call that only one of them makes is named without its query")
    func calls() async throws {
        let plugins = try await pair(
            "return { onCreate = function() muster.http.get('https://x.example/a?user=ada') end }",
            "return { onCreate = function() muster.http.get('https://x.example/b?user=ada'); muster.kv.set('k', 1) end }")
        _ = await plugins.handle("probe", .user(.userCreated))
        let lines = try #require(try await report(plugins).list.first?.lines)
        #expect(lines.first == "~ GET https://x.example/b")
        #expect(lines.last == "+ kv set k")
        #expect(!lines.joined().contains("ada"))
    }

    @Test("a shadow that hangs holds nobody up: runs beyond the queue are dropped and counted")
    func dropped() async throws {
        let plugins = try await pair(
            "return { onCreate = function() end }",
            "return { onCreate = function() muster.kv.get('k') end }")
        // The shadow waits for the store, which the test holds.
        let release = plugins.store.hold()
        for _ in 0..<(Shadow.queueLimit + 40) { #expect(await plugins.handle("probe", .user(.userCreated)) == .delivered) }
        release()
        let report = try await report(plugins)
        #expect(report.dropped >= 39 && report.dropped <= 40)
        #expect(report.runs + report.dropped == Shadow.queueLimit + 40)
    }

    @Test("a reload takes up another shadow, keeps one that is as it was, and leaves the live machine alone")
    func reload() async throws {
        let counting = "local n = 0\nreturn { mapUser = function(ctx) n = n + 1; ctx.user.title = tostring(n) end }"
        let plugins = try await pair(counting, counting)
        try await plugins.create(["userName": "ada"])
        try await plugins.host.load()
        try await plugins.create(["userName": "ada"])
        #expect(try await report(plugins).agreements == 2, "both count on")

        try write("return { mapUser = function() end }", to: plugins)
        try await plugins.host.load()
        #expect(try await plugins.create(["userName": "ada"]).after?["title"] == "3")
        let next = try await report(plugins)
        #expect((next.agreements, next.divergences) == (0, 1), "another version begins anew")

        let reports = try await plugins.host.load(PluginSettings())
        #expect(reports.map(\.shadow) == [nil])
        try await plugins.create(["userName": "ada"])
        #expect(try await report(plugins).runs == 1)
    }

    @Test("counting goes on over a restart with the same versions")
    func restart() async throws {
        let lua = "return { mapUser = function() end }"
        let plugins = try await pair(lua, lua)
        try await plugins.create(["userName": "ada"])
        #expect(try await report(plugins).runs == 1)
        let again = PluginHost(
            directory: plugins.directory, store: plugins.store, world: plugins.host.world, settings: settings(plugins),
            logger: plugins.log.logger)
        try await again.load()
        _ = try await again.interceptor.map(.create(["userName": "ada"]))
        await again.settleShadows()
        #expect(try await ShadowReport.stored(in: plugins.store, plugin: "probe")?.runs == 2)
    }

    @Test("a shadow that cannot run is a warning that names its folder, and the live version runs")
    func refused() async throws {
        let plugins = try TestPlugins().add("probe", lua: "return { mapUser = function(ctx) ctx.user.title = 'a' end }")
        try plugins.write("_next/probe/plugin.json", #"{"name": "probe", "version": "2.0.0", "api": 1}"#)
        try plugins.write("_next/probe/init.lua", "return {\n  mapUser = function(ctx) if end }")
        let report = try #require(try await plugins.host.load(settings(plugins)).first)
        #expect(report.state == .loaded && !report.isBroken && report.shadow == "refused")
        #expect(report.diagnostics.map(\.severity) == [.warning])
        #expect(report.diagnostics.first?.description.contains("_next/probe: syntax error") == true, "\(report.diagnostics)")
        #expect(report.diagnostics.first?.line == 2)
        #expect(try await plugins.create(["userName": "ada"]).after?["title"] == "a")
    }

    @Test("a hook that only the live version has is a divergence, and one that only the shadow has a warning")
    func hooks() async throws {
        let plugins = try await pair("return { mapUser = function() end }", "return { checkUser = function() end }")
        try await plugins.create(["userName": "ada"])
        #expect(
            plugins.host.reports[0].diagnostics.map(\.summary) == [
                "in the shadow: checkUser never runs, since the live version does not have it"
            ])
        #expect(try await report(plugins).list.map(\.lines) == [["~ the shadow has no mapUser"]])
    }

    @Test("the last hundred divergences are kept")
    func limit() {
        var report = ShadowReport(liveVersion: "1", shadowVersion: "2", digests: [], since: .init(milliseconds: 0))
        for number in 0..<150 {
            report.add(.init(time: .init(milliseconds: 0), hook: "mapUser", subject: "User/\(number)", requestID: "", lines: ["x"]))
        }
        #expect(report.divergences == 150 && report.list.count == 100 && report.list.first?.subject == "User/50")
        #expect(ShadowReport(report.stored) == report)
    }
}
