import MusterCore
import MusterDirectory
import SCIM
import Testing

@Suite struct ShapingTests {
    /// Hides titles, and marks with the client who asked.
    private static let hiding = AnswerInterceptor(
        concerns: { $0 == "User" },
        shape: { resources, type, request in
            resources.map { resource in
                var resource = resource
                resource["title"] = nil
                resource["nickName"] = .string("\(type) for \(request.client)")
                resource["id"] = "x"
                resource["schemas"] = nil
                resource["meta"] = ["version": "none"]
                return resource
            }
        })

    private static var options: AnswerOptions {
        var options = TestDirectory.options
        options.origin = RequestOrigin(id: "r", client: "hr")
        return options
    }

    private func json(_ answer: ResourceAnswer) throws -> AttributeValue { try AttributeValue(json: #require(answer.body)) }

    @Test("every answer shows a resource as it was shaped; identity and what is stored stay")
    func everywhere() async throws {
        let test = try TestDirectory(answerInterceptors: [Self.hiding])
        let body: AttributeValue = ["userName": "ada", "title": "secret", "locale": "en"]
        let created = try await json(test.directory.create(.user, body, TestDirectory.context, Self.options))
        let id = try #require(created["id"]?.string)
        let patch = TestDirectory.message([["op": "replace", "path": "locale", "value": "de"]])
        let answers = [
            created, try await json(test.directory.get(.user, id: id, in: .default, Self.options)),
            try await json(test.directory.replace(.user, id: id, body, TestDirectory.context, Self.options)),
            try await json(test.directory.patch(.user, id: id, patch, TestDirectory.context, Self.options)),
        ]
        for answer in answers {
            #expect(answer["title"] == nil && answer["nickName"] == "User for hr" && answer["id"]?.string == id && id != "x")
            #expect(answer["schemas"] == [.string(Schema.user.id)] && answer["meta"]?["resourceType"] == "User")
        }
        let stored = try #require(try await test.store.read { try $0.resource(ResourceKey(type: "User", id: id)) })
        #expect(try AttributeValue(json: stored.document)["title"] == "secret")
        let list = try await test.search(.user, nil)
        #expect(list["Resources"]?.array?.first?["title"] == nil && list["Resources"]?.array?.first?["nickName"] == "User for onelogin")
    }

    @Test("what the server itself asks for, as plugins do, is not shaped")
    func ownUse() async throws {
        let test = try TestDirectory(answerInterceptors: [Self.hiding])
        let id = try await test.user("ada", ["title": "secret"])
        let own = AnswerOptions(baseURL: "")
        #expect(try await json(test.directory.get(.user, id: id, in: .default, own))["title"] == "secret")
        let list = try await test.directory.search([.user], SearchRequest(filter: nil), in: .default, baseURL: "").message
        #expect(try AttributeValue(json: list)["Resources"]?.array?.first?["title"] == "secret")
    }

    @Test("what a client selects is picked from what was shaped, so that a hidden attribute does not come back by name")
    func selection() async throws {
        let test = try TestDirectory(answerInterceptors: [Self.hiding])
        let id = try await test.user("ada", ["title": "secret"])
        var options = Self.options
        options.selection = try AttributeSelection(attributes: "title,nickName", excludedAttributes: nil)
        let answer = try await json(test.directory.get(.user, id: id, in: .default, options))
        #expect(answer.complex?.members.map(\.name).sorted() == ["id", "nickName", "schemas"])
        let list = try await test.search([.user], ("attributes", "title"))
        #expect(list["Resources"]?.array?.first?.complex?.members.map(\.name).sorted() == ["id", "schemas"])
    }

    @Test("the entity tag names what is shown: another shape is not 'not modified', and a change needs the version alone")
    func entityTags() async throws {
        let store = try TestDirectory().store
        let (plain, shaped) = (try TestDirectory(store: store), try TestDirectory(answerInterceptors: [Self.hiding], store: store))
        let id = try await plain.user("ada", ["title": "secret"])
        func get(_ test: TestDirectory, ifNoneMatch tag: String?, client: String = "hr") async throws -> ResourceAnswer {
            var options = Self.options
            options.origin?.client = client
            options.preconditions = try Preconditions(ifMatch: nil, ifNoneMatch: tag)
            return try await test.directory.get(.user, id: id, in: .default, options)
        }
        let before = try await get(plain, ifNoneMatch: nil)
        let after = try await get(shaped, ifNoneMatch: before.etag)
        #expect(!after.isUnmodified && after.etag != before.etag && after.etag.hasPrefix("W/\"1-"))
        #expect(try json(after)["meta"]?["version"] == .string(after.etag))
        #expect(try await get(shaped, ifNoneMatch: after.etag).isUnmodified)
        #expect(try await get(shaped, ifNoneMatch: after.etag, client: "sales").isUnmodified == false, "others are shown something else")
        var options = Self.options
        options.preconditions = try Preconditions(ifMatch: after.etag, ifNoneMatch: nil)
        let changed = try await shaped.directory.replace(.user, id: id, ["userName": "bob"], TestDirectory.context, options)
        #expect(changed.etag.hasPrefix("W/\"2-"))
    }

    @Test("a resource that nobody changes keeps its tag, and one of another type is not asked about")
    func untouched() async throws {
        let asked = Record<String>()
        let idle = AnswerInterceptor(
            concerns: { $0 == "User" },
            shape: { resources, type, _ in
                asked.append("\(type) \(resources.count)")
                return resources
            })
        let test = try TestDirectory(answerInterceptors: [idle])
        let ada = try await test.user("ada")
        _ = try await test.user("bob")
        let group = try await test.group("staff", members: [ada])
        _ = try await test.get(.group, group)
        #expect(asked.elements == ["User 1", "User 1"])
        #expect(try await test.directory.create(.user, ["userName": "eve"], TestDirectory.context, Self.options).etag == "W/\"1\"")
        let all = try await test.search([.user, .group], SearchRequest(filter: nil))
        #expect(all["Resources"]?.array?.map { $0["meta"]?["resourceType"]?.string } == ["User", "User", "User", "Group"])
        #expect(asked.elements.last == "User 3")
        let page = try await test.search([.user, .group], SearchRequest(parameters: [("sortBy", "id"), ("count", "10")]))
        let ids = page["Resources"]?.array?.compactMap { $0["id"]?.string }
        #expect(ids == ids?.sorted() && ids?.count == 4)
    }

    @Test("the same shape has the same bytes, in the order of the stored document with new attributes by name")
    func order() async throws {
        let shuffling = AnswerInterceptor { resources, _, _ in
            resources.map { resource in
                var members = resource.attributes.members.shuffled()
                members.append(.init(name: "zeta", value: "z"))
                members.insert(.init(name: "alpha", value: ["b": 1, "a": 2]), at: 0)
                return Resource(attributes: AttributeMap(members))
            }
        }
        let test = try TestDirectory(answerInterceptors: [shuffling])
        let id = try await test.user("ada", ["title": "x", "locale": "en", "name": ["familyName": "L", "givenName": "A"]])
        let first = try await test.directory.get(.user, id: id, in: .default, Self.options)
        for _ in 1...5 {
            let again = try await test.directory.get(.user, id: id, in: .default, Self.options)
            #expect(again.body == first.body && again.etag == first.etag)
        }
        #expect(try json(first).complex?.members.map(\.name).suffix(2) == ["alpha", "zeta"])
    }

    @Test("what a shaping hook throws is the answer, and an answer for fewer resources is none")
    func failure() async throws {
        let test = try TestDirectory(answerInterceptors: [
            AnswerInterceptor { resources, _, request in
                if request.client == "hr" { throw SCIMError.unavailable("broken", retryAfter: 30) }
                return []
            }
        ])
        await #expect(throws: SCIMError(status: 503, detail: "")) {
            try await test.directory.create(.user, ["userName": "ada"], TestDirectory.context, Self.options)
        }
        await #expect(throws: SCIMError(status: 500, detail: "")) { try await test.search(.user, nil) }
    }
}
