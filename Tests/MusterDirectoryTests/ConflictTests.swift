import MusterCore
import MusterDirectory
import SCIM
import Synchronization
import Testing

@Suite struct ConflictTests {
    /// Proposes the name with a number behind it.
    private static func numbering(_ conflicts: Record<UniquenessConflict> = Record()) -> ChangeInterceptor {
        ChangeInterceptor(
            concerns: { _ in false },
            resolve: { change, conflict in
                conflicts.append(conflict)
                guard change.key.type == "User", conflict.path == "userName" else { return nil }
                let name = (change.after?["userName"]?.string ?? "").prefix { !$0.isNumber }
                var change = change
                change.after?["userName"] = .string("\(name)\(conflict.attempt + 1)")
                return change
            })
    }

    @Test("a name that is taken is replaced by the first free one that an interceptor proposes")
    func proposals() async throws {
        let conflicts = Record<UniquenessConflict>()
        let test = try TestDirectory(interceptors: [Self.numbering(conflicts)])
        let ids = [try await test.user("Ada"), try await test.user("ada"), try await test.user("ADA")]
        #expect(conflicts.elements.map(\.attempt) == [1, 1, 2])
        #expect(conflicts.elements.map(\.path) == ["userName", "userName", "userName"])
        #expect(conflicts.elements.map(\.value) == ["ada", "ADA", "ADA2"])
        var names: [AttributeValue?] = []
        for id in ids { names.append(try await test.get(.user, id)["userName"]) }
        #expect(names == ["Ada", "ada2", "ADA3"])
    }

    @Test("a patch and a replacement get a proposal as well, and the events carry what was stored")
    func patch() async throws {
        let test = try TestDirectory(interceptors: [Self.numbering()])
        _ = try await test.user("ada")
        let bob = try await test.user("bob")
        let patched = try await test.patch(.user, bob, ["op": "replace", "path": "userName", "value": "ada"])
        #expect(patched["userName"] == "ada2")
        _ = try await test.directory.replace(.user, id: bob, ["userName": "ada"], TestDirectory.context, TestDirectory.options)
        #expect(try await test.get(.user, bob)["userName"] == "ada2")
        let update = try #require(try await test.events().first { $0.kind == .userUpdated })
        #expect(update.change.changes == [AttributeChange(path: "userName", from: "bob", to: "ada2")])
    }

    @Test("maps run once, checks see each proposal, and one of them may refuse it")
    func order() async throws {
        let steps = Record<String>()
        let other = ChangeInterceptor(
            map: { change in
                steps.append("map")
                return change
            },
            check: { change in
                let name = change.after?["userName"]?.string ?? ""
                steps.append("check \(name)")
                if name == "eve2" { throw SCIMError.forbidden("no second eve") }
            })
        let test = try TestDirectory(interceptors: [other, Self.numbering()])
        _ = try await test.user("ada")
        _ = try await test.user("ada")
        #expect(steps.elements == ["map", "check ada", "map", "check ada", "check ada2"])
        _ = try await test.user("eve")
        await #expect(throws: SCIMError.forbidden("")) { try await test.user("eve") }
        #expect(try await test.search(.user, "userName eq \"eve2\"")["totalResults"] == 0)
    }

    @Test("a proposal is validated like any change")
    func validation() async throws {
        let test = try TestDirectory(interceptors: [
            ChangeInterceptor(resolve: { change, _ in
                var change = change
                change.after?["userName"] = nil
                return change
            })
        ])
        _ = try await test.user("ada")
        await #expect(throws: SCIMError.invalidValue("")) { try await test.user("ada") }
    }

    @Test("the first interceptor with a proposal is heard; without one, or after ten, the refusal stands")
    func bounds() async throws {
        let asked = Record<Int>()
        let silent = ChangeInterceptor(resolve: { change, _ in change })
        let stubborn = ChangeInterceptor(resolve: { change, conflict in
            asked.append(conflict.attempt)
            var change = change
            change.after?["title"] = .string("try \(conflict.attempt)")
            return change
        })
        let test = try TestDirectory(interceptors: [silent, stubborn])
        _ = try await test.user("ada")
        let error = await #expect(throws: SCIMError.uniqueness("")) { try await test.user("ada") }
        #expect(error?.detail == "another User has this userName already")
        #expect(asked.elements == Array(1...10))
    }

    @Test("a group's name is named with the value that is taken")
    func groupName() async throws {
        let conflicts = Record<UniquenessConflict>()
        var settings = DirectorySettings()
        settings.dialect.groupNames = .distinct
        let test = try TestDirectory(interceptors: [Self.numbering(conflicts)], settings: settings)
        _ = try await test.group("staff")
        await #expect(throws: SCIMError.uniqueness("")) { try await test.group("Staff") }
        #expect(conflicts.elements == [UniquenessConflict(path: "displayName", value: "Staff", attempt: 1)])
    }

    @Test("a password is hashed once, however many values are tried")
    func password() async throws {
        let hashed = Record<String>()
        let test = try TestDirectory(
            interceptors: [Self.numbering()],
            hashSecret: { text in
                hashed.append(text)
                return Array(text.utf8)
            })
        _ = try await test.user("ada")
        _ = try await test.user("ada", ["password": "s3cret-s3cret"])
        #expect(hashed.elements == ["s3cret-s3cret"])
    }
}

/// What was seen, in order.
final class Record<Element: Sendable>: Sendable {
    private let record = Mutex<[Element]>([])
    var elements: [Element] { record.withLock { $0 } }
    func append(_ element: Element) { record.withLock { $0.append(element) } }
}
