import Logging
import MusterCore
import SCIM
import Synchronization
import Testing

@testable import MusterPlugins

@Suite("Changes by muster.scim")
struct SCIMWriteTests {
    private static let manifest = #""permissions": {"scim": ["users:write"]}"#

    /// A directory that keeps what it is asked for.
    private final class Directory: Sendable {
        let asked = Mutex<[(write: ScimWrite, origin: RequestOrigin)]>([])

        var access: ScimAccess {
            var access = ScimAccess.none
            access.write = { [self] write, origin in
                asked.withLock { $0.append((write, origin)) }
                return write.operation == .delete ? nil : ["id": "new"]
            }
            return access
        }
    }

    @Test("a table of attributes and a list of operations become a PATCH message, with the plugin as the actor")
    func messages() async throws {
        let directory = Directory()
        let plugins = try await plugin(
            .onCreate,
            """
            assert(muster.scim.create("User", { userName = "x", nickName = null }).id == "new")
            assert(muster.scim.patch("User", "u2", { title = "T", nickName = null }).id == "new")
            muster.scim.patch("User", "u2", { { op = "add", path = "emails", value = { { value = "a@b.c" } } } })
            assert(muster.scim.delete("User", "u2") == nil)
            """, manifest: Self.manifest, scim: directory.access)
        #expect(await plugins.handle("probe", .user(.userCreated)) == .delivered)
        let asked = directory.asked.withLock { $0 }
        #expect(asked.map(\.write.operation) == [.create, .patch, .patch, .delete])
        #expect(asked[0].write.body == ["userName": "x"])
        #expect(
            asked[1].write.body["Operations"] == [["op": "replace", "value": ["title": "T"]], ["op": "remove", "path": "nickName"]])
        #expect(
            asked[2].write.body["Operations"]?.array?.first?["value"] == [["value": "a@b.c"]])
        let origin = RequestOrigin(id: "request-1", client: "plugin:probe", depth: 1)
        #expect(asked.allSatisfy { $0.origin == origin })
    }

    @Test(
        "a call that makes no sense is refused before the directory is asked",
        arguments: [
            (#"muster.scim.patch("Group", "g", { displayName = "x" })"#, "add \"groups:write\" to permissions.scim"),
            (#"muster.scim.create("User")"#, "the resource must be a table of attributes"),
            (#"muster.scim.patch("User", "u", {})"#, "and not empty"), (#"muster.scim.patch("User", "u")"#, "and not empty"),
            (#"muster.scim.patch("User", "u", { op = "remove", path = "title" })"#, "put the operation into a list"),
            (#"muster.scim.patch("User", "u", { { path = "title" } })"#, "operation 1 has no 'op'"),
            (#"muster.scim.patch("User", nil, { title = "x" })"#, "scim.patch: the id must be a string"),
            (#"muster.scim.create("User", { userName = string.rep("x", 1100000) })"#, "larger than 1 MiB"),
        ])
    func refused(_ call: String, _ part: String) async throws {
        let directory = Directory()
        let plugins = try await plugin(.onCreate, call, manifest: Self.manifest, scim: directory.access)
        let reason = await plugins.handle("probe", .user(.userCreated)).retryReason
        #expect(reason?.contains(part) == true && reason?.hasPrefix("probe/init.lua:2:") == true, "\(reason ?? "delivered")")
        #expect(directory.asked.withLock { $0.isEmpty })
    }

    @Test("the directory is not changed before the commit")
    func phase() async throws {
        let directory = Directory()
        let plugins = try await plugin(
            .mapUser, #"muster.scim.patch("User", "u1", { title = "x" })"#, manifest: Self.manifest, scim: directory.access)
        await #expect(throws: SCIMError.self) { try await plugins.create(["userName": "ada"]) }
        #expect(plugins.log.lines.contains { $0.message.contains("muster.scim.patch cannot be called in mapUser (phase map)") })
        #expect(directory.asked.withLock { $0.isEmpty })
    }

    @Test("what a change at the depth limit causes is refused and logged")
    func depth() async throws {
        let directory = Directory()
        let plugins = try await plugin(
            .onUpdate, #"muster.scim.patch("User", "u1", { title = "x" })"#, manifest: Self.manifest, scim: directory.access)
        for (depth, isAllowed) in [(0, true), (2, true), (3, false)] {
            var event = LifecycleEvent.user(.userUpdated)
            event.change.depth = depth
            let reason = await plugins.handle("probe", event).retryReason
            #expect((reason == nil) == isAllowed && reason?.contains("looks like a loop") != false, "\(reason ?? "")")
        }
        #expect(directory.asked.withLock { $0.map(\.origin.depth) } == [1, 3])
        #expect(plugins.log.lines.contains { $0.level == .error && $0.metadata["plugin.field.depth"] == "4" })
    }

    @Test(
        "reply.retryAfter is the seconds of Retry-After, from a number or from a date",
        arguments: [
            ("30", "30"), ("Thu, 01 Jan 2026 00:02:00 GMT", "120"), ("Wed, 31 Dec 2025 23:59:00 GMT", "0"), ("soon", "nil"), ("-1", "nil"),
        ])
    func retryAfter(_ header: String, _ expected: String) async throws {
        let transport = FakeTransport { _ in .init(status: 503, headers: [HTTPHeader("Retry-After", header)]) }
        let plugins = try await plugin(
            .onCreate, #"error("after " .. tostring(muster.http.get("https://x.test/").retryAfter))"#,
            manifest: #""permissions": {"http": ["https://x.test/*"]}"#, transport: transport)
        #expect(await plugins.handle("probe", .user(.userCreated)).retryReason == "probe/init.lua:2: after \(expected)")
    }
}
