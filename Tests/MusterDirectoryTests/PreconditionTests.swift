import MusterCore
import MusterDirectory
import SCIM
import Testing

@Suite struct PreconditionTests {
    private func options(ifMatch: String? = nil, ifNoneMatch: String? = nil) throws -> AnswerOptions {
        AnswerOptions(
            baseURL: TestDirectory.options.baseURL, preconditions: try Preconditions(ifMatch: ifMatch, ifNoneMatch: ifNoneMatch))
    }

    @Test("a version that the client has is not sent again (RFC 7644 §3.14)")
    func notModified() async throws {
        let test = try TestDirectory()
        let id = try await test.user("ada")
        let first = try await test.directory.get(.user, id: id, in: .default, options())
        let again = try await test.directory.get(.user, id: id, in: .default, options(ifNoneMatch: first.etag))
        #expect(again.isUnmodified && again.body == nil && again.etag == first.etag)
        try await test.patch(.user, id, ["op": "replace", "path": "title", "value": "Dr"])
        let changed = try await test.directory.get(.user, id: id, in: .default, options(ifNoneMatch: first.etag))
        #expect(!changed.isUnmodified && changed.body != nil)
    }

    @Test("a user who came into a group, directly or through another, is another version to read, but not to write")
    func groups() async throws {
        let test = try TestDirectory()
        let id = try await test.user("ada")
        let first = try await test.directory.get(.user, id: id, in: .default, options())
        let group = try await test.group("staff", members: [id])
        let second = try await test.directory.get(.user, id: id, in: .default, options(ifNoneMatch: first.etag))
        #expect(!second.isUnmodified)
        _ = try await test.group("all", members: [group])
        #expect(try await !test.directory.get(.user, id: id, in: .default, options(ifNoneMatch: second.etag)).isUnmodified)
        let body = TestDirectory.message([["op": "replace", "path": "title", "value": "Dr"]])
        let changed = try await test.directory.patch(.user, id: id, body, TestDirectory.context, options(ifMatch: first.etag))
        #expect(changed.etag != first.etag)
    }

    @Test("a change of another version than the client's is refused with 412 and changes nothing", arguments: ["put", "patch", "delete"])
    func failed(method: String) async throws {
        let test = try TestDirectory()
        let id = try await test.user("ada")
        let stale = try await test.directory.get(.user, id: id, in: .default, options()).etag
        try await test.patch(.user, id, ["op": "replace", "path": "title", "value": "Dr"])
        let before = try await test.get(.user, id)
        func change(_ options: AnswerOptions) async throws {
            let context = TestDirectory.context
            switch method {
            case "put": _ = try await test.directory.replace(.user, id: id, ["userName": "bob"], context, options)
            case "patch":
                let body = TestDirectory.message([["op": "replace", "path": "title", "value": "Prof"]])
                _ = try await test.directory.patch(.user, id: id, body, context, options)
            default: try await test.directory.delete(.user, id: id, context, options.preconditions)
            }
        }
        await #expect(throws: SCIMError.preconditionFailed("")) { try await change(options(ifMatch: stale)) }
        await #expect(throws: SCIMError.preconditionFailed("")) { try await change(options(ifNoneMatch: "*")) }
        #expect(try await test.get(.user, id) == before)
        try await change(options(ifMatch: #"W/"99", \#(before["meta"]?["version"]?.string ?? "")"#))
    }

    @Test("of two concurrent changes that demand one version only one is made")
    func race() async throws {
        let test = try TestDirectory()
        let (ada, bob) = (try await test.user("ada"), try await test.user("bob"))
        let group = try await test.group("staff")
        let etag = try await test.directory.get(.group, id: group, in: .default, options()).etag
        let results = await withTaskGroup(of: Bool.self) { tasks in
            for user in [ada, bob] {
                tasks.addTask {
                    let body = TestDirectory.message([["op": "add", "path": "members", "value": [["value": .string(user)]]]])
                    return (try? await test.directory.patch(.group, id: group, body, TestDirectory.context, options(ifMatch: etag))) != nil
                }
            }
            return await tasks.reduce(into: [Bool]()) { $0.append($1) }
        }
        #expect(results.count { $0 } == 1)
        #expect(try await test.members(group).count == 1)
    }
}
