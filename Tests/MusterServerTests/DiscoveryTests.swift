import HTTPTypes
import MusterDirectory
import SCIM
import Testing

@Suite("Discovery (RFC 7644 §4)")
struct DiscoveryTests {
    @Test("ServiceProviderConfig tells what is offered, and no more")
    func serviceProviderConfig() async throws {
        try await TestServer(directorySettings: DirectorySettings(maximumCount: 250)).run { client in
            let answer = try await client.send(.get, "/ServiceProviderConfig")
            #expect(answer.status == 200)
            #expect(answer["patch"]?["supported"] == true)
            #expect(answer["filter"]?["maxResults"] == 250)
            #expect(answer["bulk"]?["supported"] == true)
            #expect(answer["meta"]?["location"] == "http://localhost/scim/v2/ServiceProviderConfig")
        }
    }

    @Test("Schemas and ResourceTypes are lists whose items have addresses that answer them", arguments: ["/Schemas", "/ResourceTypes"])
    func lists(path: String) async throws {
        try await TestServer().run { client in
            let list = try await client.send(.get, path)
            let items = try #require(list["Resources"]?.array)
            #expect(list["schemas"] == ["urn:ietf:params:scim:api:messages:2.0:ListResponse"])
            #expect(list["totalResults"] == .integer(Int64(items.count)))
            #expect(items.count >= 2)
            for item in items {
                let location = try #require(item["meta"]?["location"]?.string)
                #expect(location.hasPrefix("http://localhost/scim/v2" + path + "/"))
                let alone = try await client.send(.get, String(location.dropFirst("http://localhost/scim/v2".count)))
                #expect(alone.body == item)
            }
        }
    }

    @Test("What is not there is 404", arguments: ["/Schemas/urn:example:none", "/ResourceTypes/Robot"])
    func unknown(path: String) async throws {
        let answer = try await TestServer().run { try await $0.send(.get, path) }
        #expect(answer.isError(404))
    }

    @Test("A filter is 403, so that nobody believes it was applied", arguments: ["/Schemas", "/ResourceTypes", "/ServiceProviderConfig"])
    func filter(path: String) async throws {
        try await TestServer().run { client in
            let (filtered, paged) = (
                try await client.send(.get, path + "?filter=id%20eq%20%22x%22"), try await client.send(.get, path + "?count=1")
            )
            #expect(filtered.isError(403))
            #expect(paged.status == 200)
        }
    }
}
