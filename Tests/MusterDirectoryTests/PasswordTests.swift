import MusterCore
import MusterDirectory
import SCIM
import Testing

@Suite struct PasswordTests {
    /// Keeps the text backwards, so that a test can see what is kept and that it is not the text.
    private func directory() throws -> TestDirectory {
        try TestDirectory(hashSecret: { Array(String($0.reversed()).utf8) })
    }

    private func kept(_ test: TestDirectory, _ id: String) async throws -> String? {
        let key = ResourceKey(type: "User", id: id)
        return try await test.store.read { try $0.secret("password", of: key) }.map { String(decoding: $0, as: UTF8.self) }
    }

    @Test("a password is kept as its hash and shown nowhere (RFC 7643 §4.1.1)")
    func secrecy() async throws {
        let test = try directory()
        let created = try await test.create(.user, ["userName": "ada", "password": "secret-1"])
        let id = try #require(created["id"]?.string)
        #expect(try await kept(test, id) == "1-terces")
        let patched = try await test.patch(.user, id, ["op": "replace", "path": "password", "value": "secret-2"])
        #expect(try await kept(test, id) == "2-terces")
        try await test.patch(.user, id, ["op": "add", "value": ["password": "secret-3", "title": "Dr"]])
        #expect(try await kept(test, id) == "3-terces")
        let replaced = try await test.directory.replace(
            .user, id: id, ["userName": "ada", "password": "secret-4"], TestDirectory.context, TestDirectory.options)
        #expect(try await kept(test, id) == "4-terces")
        let asked = AnswerOptions(
            selection: try AttributeSelection(attributes: "password,userName", excludedAttributes: nil), baseURL: "")
        let read = try await test.directory.get(.user, id: id, in: .default, asked)
        for document in [created.jsonBytes, patched.jsonBytes, replaced.body ?? [], read.body ?? []] {
            #expect(!String(decoding: document, as: UTF8.self).contains("ecret"))
        }
        for event in try await test.events() {
            let text = "\(event)" + String(decoding: (event.change.before ?? []) + (event.change.after ?? []), as: UTF8.self)
            #expect(!text.contains("secret") && !text.contains("terces"))
        }
    }

    @Test("a request that says nothing of the password keeps it; one that removes it ends it")
    func keeping() async throws {
        let test = try directory()
        let id = try await test.user("ada", ["password": "secret"])
        _ = try await test.directory.replace(.user, id: id, ["userName": "ada"], TestDirectory.context, TestDirectory.options)
        #expect(try await kept(test, id) == "terces")
        try await test.patch(.user, id, ["op": "remove", "path": "password"])
        #expect(try await kept(test, id) == nil)
    }

    @Test("a change of the password alone is a change of the resource")
    func version() async throws {
        let test = try directory()
        let id = try await test.user("ada", ["password": "secret"])
        let before = try await test.get(.user, id)["meta"]?["version"]
        try await test.patch(.user, id, ["op": "replace", "path": "password", "value": "other"])
        #expect(try await test.get(.user, id)["meta"]?["version"] != before)
    }

    @Test("nothing is kept where the site wants none")
    func dropped() async throws {
        let test = try TestDirectory()
        let id = try await test.user("ada", ["password": "secret"])
        #expect(try await kept(test, id) == nil)
    }

    @Test("a change that an interceptor refuses costs no hash and keeps none")
    func refused() async throws {
        let test = try TestDirectory(
            interceptors: [ChangeInterceptor(check: { _ in throw SCIMError.forbidden("no") })],
            hashSecret: { _ in
                Issue.record("hashed")
                return []
            })
        await #expect(throws: SCIMError.forbidden("")) { _ = try await test.user("ada", ["password": "secret"]) }
    }
}
