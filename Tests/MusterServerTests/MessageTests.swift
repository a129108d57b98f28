import HTTPTypes
import SCIM
import Testing

@testable import MusterServer

@Suite("Headers of requests and answers")
struct MessageTests {
    @Test(
        "Answers are application/scim+json unless Accept asks for just application/json (OneLogin)",
        arguments: [
            (nil, "application/scim+json"), ("application/scim+json", "application/scim+json"), ("*/*", "application/scim+json"),
            ("application/json", "application/json"), ("application/json; charset=utf-8", "application/json"),
            ("Application/JSON", "application/json"), ("text/html, application/json", "application/json"),
            ("application/json, application/scim+json", "application/scim+json"),
            ("application/json, text/plain, */*", "application/scim+json"), ("text/html", "application/scim+json"),
        ] as [(String?, String)])
    func accept(accept: String?, type: String) async throws {
        try await TestServer().run { client in
            let headers: HTTPFields = accept.map { [.accept: $0] } ?? [:]
            for path in ["/Users", "/Users/0", "/Schemas"] {
                let answer = try await client.send(.get, path, headers: headers)
                #expect(answer.headers[.contentType] == type + "; charset=utf-8", "\(path)")
            }
        }
    }

    @Test(
        "A body is JSON by its Content-Type, or it is 415 and nothing is created",
        arguments: [
            ("application/scim+json", 201), ("application/json", 201), ("Application/SCIM+JSON; charset=utf-8", 201), ("", 201),
            ("application/x-www-form-urlencoded", 415), ("application/xml", 415), ("text/plain", 415), ("text/json", 415),
        ])
    func contentType(type: String, status: Int) async throws {
        try await TestServer().run { client in
            let answer = try await client.send(.post, "/Users", ["userName": "ada"], headers: [.contentType: type])
            #expect(answer.status == status)
            #expect(status == 201 || answer.isError(415))
            #expect(try await client.send(.get, "/Users")["totalResults"] == (status == 201 ? 1 : 0))
        }
    }

    @Test("GET and DELETE do not mind a Content-Type (Okta, Entra ID)")
    func contentTypeWithoutBody() async throws {
        try await TestServer().run { client in
            let id = try await client.user()
            #expect(try await client.send(.get, "/Users/\(id)", headers: [.contentType: "text/plain"]).status == 200)
            #expect(try await client.send(.delete, "/Users/\(id)", headers: [.contentType: "text/plain"]).status == 204)
        }
    }

    @Test(
        "A sane X-Request-Id comes back, any other is replaced",
        arguments: [
            ("call-7_a.B", true), (String(repeating: "a", count: 64), true), (String(repeating: "a", count: 65), false),
            ("a b", false), ("a\"b", false), ("ü", false),
        ])
    func requestID(sent: String, isKept: Bool) async throws {
        let name = try HTTPField.Name.named("X-Request-Id")
        try await TestServer().run { client in
            for path in ["/Users", "/Userz"] {
                let answered = try await client.send(.get, path, headers: [name: sent]).headers[name]
                #expect((answered == sent) == isKept)
                #expect(answered?.wholeMatch(of: /[A-Za-z0-9._-]{1,64}/) != nil)
            }
        }
    }

    @Test("Requests without an id get different ones")
    func freshRequestIDs() async throws {
        let name = try HTTPField.Name.named("X-Request-Id")
        try await TestServer().run { client in
            let (one, two) = (try await client.send(.get, "/Users"), try await client.send(.get, "/Users"))
            #expect(one.headers[name] != two.headers[name])
        }
    }

    @Test(
        "Locations follow the Host of the request if it is one, else the listen address",
        arguments: [
            ("people.example.com", "people.example.com"), ("localhost:8080", "localhost:8080"), ("[::1]:8080", "[::1]:8080"),
            ("[fe80::1]", "[fe80::1]"), ("evil.example/path", nil), ("user@evil.example", nil), ("a b", nil), ("x:99999999", nil),
            ("x:", nil), ("", nil), ("[::1", nil), ("<script>", nil), (":80", nil), (String(repeating: "a", count: 300), nil),
        ] as [(String, String?)])
    func host(host: String, expected: String?) {
        #expect(BaseURL.checked(host) == expected)
    }

    @Test("A configured public URL is the base of every location")
    func publicURL() async throws {
        let settings = ServerSettings(publicURL: "https://people.example.com/directory/scim")
        try await TestServer(settings: settings).run { client in
            let answer = try await client.send(.post, "/Users", ["userName": "ada"])
            #expect(answer.headers[.location]?.hasPrefix("https://people.example.com/directory/scim/Users/") == true)
        }
    }

    @Test("X-Forwarded headers are believed only where the site says so", arguments: [true, false])
    func forwarded(isTrusted: Bool) async throws {
        let headers: HTTPFields = [
            try .named("X-Forwarded-Proto"): "https", try .named("X-Forwarded-Host"): "people.example.com, inner.example",
        ]
        try await TestServer(settings: ServerSettings(trustsForwardedHeaders: isTrusted)).run { client in
            let location = try await client.send(.get, "/ServiceProviderConfig", headers: headers)["meta"]?["location"]?.string
            let base = isTrusted ? "https://people.example.com" : "http://localhost"
            #expect(location == base + "/scim/v2/ServiceProviderConfig")
        }
    }

    @Test("A forwarded host that is none changes nothing")
    func forwardedNonsense() async throws {
        let headers: HTTPFields = [try .named("X-Forwarded-Proto"): "ftp", try .named("X-Forwarded-Host"): "a/b"]
        try await TestServer(settings: ServerSettings(trustsForwardedHeaders: true)).run { client in
            let location = try await client.send(.get, "/ServiceProviderConfig", headers: headers)["meta"]?["location"]?.string
            #expect(location == "http://localhost/scim/v2/ServiceProviderConfig")
        }
    }
}
