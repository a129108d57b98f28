import MusterCore
import SCIM
import Testing

@Suite("Scopes")
struct AccessScopesTests {
    @Test(
        "A text is read and written in its shortest form",
        arguments: [
            ("*", "*"), ("write", "*"), ("read,write", "*"), ("read", "read"), ("read read:User", "read"), ("", ""),
            ("read:User", "read:User"), ("write:User", "write:User"), ("write:User read:user", "write:User"),
            ("read write:Group", "read write:Group"), ("write:User, read:Group,write:Device", "read:Group write:Device write:User"),
            ("admin", "admin"), ("admin:read admin", "admin"), ("admin:read, *", "* admin:read"), ("admin read:User", "read:User admin"),
        ])
    func text(text: String, shortest: String) throws {
        let scopes = try AccessScopes(text)
        #expect(scopes.description == shortest)
        #expect(try AccessScopes(scopes.description) == scopes)
    }

    @Test(
        "What is no scope is named",
        arguments: ["reed", "read:", "Read", "read write:", "*:User", "write:a\u{1}", "delete:User", "admin:User", "Admin"])
    func invalid(text: String) {
        let error = #expect(throws: AccessScopes.Invalid.self) { try AccessScopes(text) }
        #expect(error.map { text.contains($0.text) && $0.description.contains("write:User") } == true)
    }

    @Test(
        "Reading and writing are allowed for the types that the scopes name, and writing brings reading along",
        arguments: [
            // scopes, read User, write User, read Group, write Group
            ("*", true, true, true, true), ("read", true, false, true, false), ("read:user", true, false, false, false),
            ("write:User", true, true, false, false), ("write:USER read", true, true, true, false), ("", false, false, false, false),
        ])
    func allowed(text: String, readUser: Bool, writeUser: Bool, readGroup: Bool, writeGroup: Bool) throws {
        let scopes = try AccessScopes(text)
        #expect(scopes.allows(.read, resourceType: "User") == readUser)
        #expect(scopes.allows(.write, resourceType: "User") == writeUser)
        #expect(scopes.allows(.read, resourceType: "Group") == readGroup)
        #expect(scopes.allows(.write, resourceType: "Group") == writeGroup)
        #expect(scopes.allows(.read, resourceType: nil) == (readUser || readGroup))
        #expect(scopes.allows(.write, resourceType: nil) == (writeUser || writeGroup))
        #expect(scopes.isEmpty == !(readUser || readGroup))
    }

    @Test("Everything is allowed only where every type is")
    func all() throws {
        #expect(AccessScopes.full.allowsAll(.read) && AccessScopes.full.allowsAll(.write))
        #expect(try AccessScopes("read write:User").allowsAll(.read))
        #expect(try !AccessScopes("read write:User").allowsAll(.write))
        #expect(try !AccessScopes("write:User").allowsAll(.read))
    }

    @Test(
        "Administration is allowed by its own scopes alone, and they allow nothing of the directory",
        arguments: [
            // scopes, admin:read, admin, read
            ("*", false, false, true), ("write read:User", false, false, true), ("admin:read", true, false, false),
            ("admin", true, true, false), ("admin:read *", true, false, true), ("", false, false, false),
        ])
    func administration(text: String, look: Bool, decide: Bool, read: Bool) throws {
        let scopes = try AccessScopes(text)
        #expect(scopes.allows(.read) == look && scopes.allows(.full) == decide)
        #expect(scopes.allows(.read, resourceType: nil) == read)
        #expect(scopes.isEmpty == !(look || read))
        guard !decide else { return try scopes.check(.full) }
        let error = try #require(throws: SCIMError.self) { try scopes.check(.full) }
        #expect(error.status == 403 && error.detail.contains("the scope admin,"))
    }

    @Test("A refusal is 403 and tells what is missing and what is there")
    func refusal() throws {
        let error = try #require(throws: SCIMError.self) { try AccessScopes("read:Group").check(.write, resourceType: "User") }
        #expect(error.status == 403)
        #expect(error.detail.contains("write:User") && error.detail.contains("read:Group"))
        try AccessScopes("write:User").check(.write, resourceType: "User")
        let none = try #require(throws: SCIMError.self) { try AccessScopes.none.check(.read, resourceType: nil) }
        #expect(none.detail.hasSuffix("none"))
    }

    @Test("The union allows what either does")
    func union() throws {
        #expect(try AccessScopes("read").union(AccessScopes("write:User")) == AccessScopes("read write:User"))
        #expect(try AccessScopes("read:User").union(AccessScopes("*")) == .full)
        #expect(AccessScopes.none.union(.none) == .none)
        #expect(try AccessScopes("admin:read read").union(AccessScopes("admin")) == AccessScopes("read admin"))
    }
}
