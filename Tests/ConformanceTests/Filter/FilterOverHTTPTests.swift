import Foundation
import SCIM
import Testing

/// Every filter of the corpus, sent to a server and compared with what ``ReferenceEvaluator`` finds.
@Suite("Filters over HTTP") struct FilterOverHTTPTests {
    /// What a filter of the corpus is. The corpus itself does not say so; a grammar and the schemas of a user do.
    private enum Kind { case valid, unknownAttribute, noFilter }

    private struct Row: Decodable { let filter: String }

    /// The filters in the tests of six other implementations, which the tests of the parser read too.
    private static let corpus: [String] = {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../SCIMTests/Filter/filter-corpus.json").standardized
        return ((try? JSONDecoder().decode([Row].self, from: Data(contentsOf: file))) ?? []).map(\.filter)
    }()

    /// A server with the population, as the server shows it.
    private struct World: Sendable {
        let server: TestServer
        let evaluator: ReferenceEvaluator
        let users: [PlainJSON]

        init(_ server: TestServer) async throws {
            self.server = server
            var ids: [String] = []
            for body in FilterPopulation.bodies {
                let reply = try await server.send("POST", "/Users", body)
                #expect(reply.status == 201, "\(body.jsonText): \(String(decoding: reply.body, as: UTF8.self))")
                ids.append(reply.json?["id"]?.string ?? "")
            }
            // The second user, "di-wu", manages the first.
            #expect(try await server.send("PATCH", "/Users/\(ids[0])", FilterPopulation.manager(ids[1])).status == 200)
            var users: [PlainJSON] = []
            for id in ids { users.append(try await PlainJSON(server.send("GET", "/Users/" + id).body)) }
            self.users = users
            let core = "urn:ietf:params:scim:schemas:core:2.0:User"
            var documents: [PlainJSON] = []
            for urn in [core, "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"] {
                documents.append(try await PlainJSON(server.send("GET", "/Schemas/" + urn).body))
            }
            evaluator = ReferenceEvaluator(schema: ReferenceSchema(documents, core: core))
        }

        func kind(of text: String) -> Kind {
            guard let filter = try? ReferenceFilter(text) else { return .noFilter }
            return evaluator.knowsAttributes(of: filter) ? .valid : .unknownAttribute
        }

        func search(_ filter: String) async throws -> Reply {
            try await server.send("GET", "/Users?attributes=userName&count=1000&filter=" + TestServer.encodedValue(filter))
        }

        /// Sends a filter and compares who is found.
        func compare(_ text: String) async throws {
            let filter = try ReferenceFilter(text)
            let wanted = Set(users.filter { evaluator.matches(filter, $0) }.compactMap { $0["userName"]?.text })
            let reply = try await search(text)
            guard reply.status == 200 else {
                Issue.record("\(text): \(String(decoding: reply.body, as: UTF8.self))")
                return
            }
            let answer = try PlainJSON(reply.body)
            let found = Set((answer["Resources"]?.elements ?? []).compactMap { $0["userName"]?.text })
            #expect(answer["totalResults"] == .number(Double(found.count)), "\(text)")
            #expect(
                found == wanted,
                "\(text): missing \(wanted.subtracting(found).sorted()), not wanted \(found.subtracting(wanted).sorted())")
        }
    }

    @Test(
        "each of the 113 valid filters finds whom an independent evaluator finds; the 29 of unknown attributes are refused, and the 35 others"
    )
    func corpusOverHTTP() async throws {
        try await TestServer.run { server in
            let world = try await World(server)
            #expect(world.users.count == 60)
            let kinds = Dictionary(grouping: Self.corpus, by: world.kind)
            #expect(kinds[.valid]?.count == 113)
            #expect(kinds[.unknownAttribute]?.count == 29)
            #expect(kinds[.noFilter]?.count == 35)
            for text in kinds[.valid] ?? [] { try await world.compare(text) }
            for text in (kinds[.unknownAttribute] ?? []) + (kinds[.noFilter] ?? []) {
                let reply = try await world.search(text)
                #expect(reply.status == 400, "\(text)")
                #expect(reply.json?["scimType"] == "invalidFilter", "\(text)")
            }
        }
    }

    @Test("filters for scripts, several values, dates, null and precedence find whom an independent evaluator finds")
    func furtherFilters() async throws {
        try await TestServer.run { server in
            let world = try await World(server)
            let median = world.users[30]
            let filters = FilterPopulation.furtherFilters(
                id: world.users[1]["id"]?.text ?? "", lastModified: median["meta"]?["lastModified"]?.text ?? "")
            for text in filters { try await world.compare(text) }
        }
    }

    @Test("most of the valid filters find somebody, and few find everybody")
    func corpusIsTelling() async throws {
        try await TestServer.run { server in
            let world = try await World(server)
            let counts = try Self.corpus.filter { world.kind(of: $0) == .valid }.map { text in
                let filter = try ReferenceFilter(text)
                return world.users.count { world.evaluator.matches(filter, $0) }
            }
            #expect(counts.count { $0 > 0 } > 100)
            #expect(counts.count { $0 == world.users.count } < 10)
        }
    }
}
