import MusterCore
import MusterDirectory
import SCIM
import Synchronization
import Testing

@Suite struct InterceptorTests {
    @Test("a veto is the client's answer and nothing is written")
    func veto() async throws {
        let test = try TestDirectory(interceptors: [
            ChangeInterceptor(check: { change in
                if change.after?["userName"]?.string?.hasPrefix("root") == true {
                    throw SCIMError(status: 400, scimType: "forbiddenName", detail: "root is reserved")
                }
            })
        ])
        await #expect(throws: SCIMError(status: 400, scimType: "forbiddenName", detail: "")) { try await test.user("root1") }
        _ = try await test.user("ada")
        #expect(try await test.search(.user, nil)["totalResults"] == 1)
        #expect(try await test.events().map(\.kind) == [.userCreated])
    }

    @Test("maps run in order, each on its predecessor's result; the result is validated and seen by checks")
    func mapping() async throws {
        func appending(_ text: String) -> ChangeInterceptor {
            ChangeInterceptor(
                map: { change in
                    var change = change
                    let title = change.after?["title"]?.string ?? ""
                    change.after?["title"] = .string(title + text)
                    return change
                },
                check: { change in #expect(change.after?["title"] == "xab") })
        }
        let test = try TestDirectory(interceptors: [appending("a"), appending("b")])
        let id = try await test.user("ada", ["title": "x"])
        #expect(try await test.get(.user, id)["title"] == "xab")
    }

    @Test("a map that leaves the user without a userName is refused")
    func invalidMapping() async throws {
        let test = try TestDirectory(interceptors: [
            ChangeInterceptor(map: { change in
                var change = change
                change.after?["userName"] = nil
                return change
            })
        ])
        await #expect(throws: SCIMError.invalidValue("")) { try await test.user("ada") }
    }

    @Test("groups that a map asks for are joined and left in the same transaction, by name or id")
    func groupEffects() async throws {
        let test = try TestDirectory(interceptors: [
            ChangeInterceptor(
                concerns: { $0 == "User" },
                map: { change in
                    var change = change
                    for name in change.after?["title"]?.string?.split(separator: ",").map(String.init) ?? [] {
                        change.groupEffects.append(.init(name.hasPrefix("-") ? .remove : .add, group: name.replacing("-", with: "")))
                    }
                    return change
                })
        ])
        let (sales, staff) = (try await test.group("Sales"), try await test.group("Staff"))
        let ada = try await test.user("ada", ["title": "sales,Staff"])
        #expect(try await test.members(sales) == [ada])
        #expect(try await test.members(staff) == [ada])
        try await test.patch(.user, ada, ["op": "replace", "path": "title", "value": "-sales"])
        #expect(try await test.members(sales).isEmpty)
        let kinds = try await test.events().filter { $0.subject.id == ada }.map(\.kind)
        #expect(kinds == [.userCreated, .memberAdded, .memberAdded, .userUpdated, .memberRemoved])
        await #expect(throws: SCIMError.invalidValue("")) { try await test.user("bob", ["title": "nowhere"]) }
        #expect(try await test.search(.user, "userName eq \"bob\"")["totalResults"] == 0)
    }

    @Test("interceptors of groups hear who joins and who leaves, however the request says it")
    func membersDescribed() async throws {
        let seen = Mutex<[[String]]>([])
        let test = try TestDirectory(interceptors: [
            ChangeInterceptor(
                concerns: { $0 == "Group" },
                check: { change in seen.withLock { $0.append(change.membersAdded + change.membersRemoved.map { "-" + $0 }) } })
        ])
        let (ada, bob) = (try await test.user("ada"), try await test.user("bob"))
        let group = try await test.group("staff", members: [ada])
        try await test.patch(.group, group, ["op": "replace", "path": "members", "value": [["value": .string(bob)]]])
        try await test.patch(.group, group, ["op": "remove", "path": .string("members[display eq \"bob\"]")])
        #expect(seen.withLock { $0 } == [[ada], [bob, "-" + ada], ["-" + bob]])
    }
}
