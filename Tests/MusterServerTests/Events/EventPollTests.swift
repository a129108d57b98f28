import Crypto
import Foundation
import HTTPTypes
import Logging
import MusterCore
import MusterDirectory
import MusterSQLite
import SCIM
import Testing

@testable import MusterServer

@Suite struct EventPollTests {
    static let prov = "urn:ietf:params:scim:event:prov:"

    @Test("a poll answers signed tokens, which the published key verifies (RFC 8936 §2, RFC 8417 §2)")
    func signed() async throws {
        let rig = try await EventRig(settings: EventSettings(audience: "https://reader.example.com", longestWait: .zero))
        try await rig.run { client in
            let id = try await client.user("ada")
            let poll = try await client.poll()
            #expect(poll.answer.status == 200)
            #expect(poll.answer.headers[.contentType]?.hasPrefix("application/json") == true)
            #expect(poll.answer.headers[.cacheControl] == "no-store")
            #expect(poll.isMoreAvailable == false)
            let text = try #require(poll.tokens.first)
            let token = try EventRig.Token(text)
            #expect(token.head["alg"] == "ES256")
            #expect(token.head["typ"] == "secevent+jwt")
            let keys = try await client.send(.get, "/Events/jwks.json").body
            #expect(try token.isSigned(byOneOf: keys))
            #expect(keys["keys"]?.array?.first?["d"] == nil)
            #expect(token.claims["iss"]?.string?.hasSuffix("/scim/v2") == true)
            #expect(token.claims["aud"] == "https://reader.example.com")
            #expect(token.claims["jti"]?.string == poll.order.first)
            #expect(token.claims["sub_id"] == ["format": "scim", "uri": .string("/Users/\(id)")])
            #expect(token.claims["events"]?[Self.prov + "create:notice"] != nil)

            // The signature of one token does not fit another.
            _ = try await client.user("bob")
            let other = try #require(try await client.poll().tokens.last)
            let forged = try EventRig.Token(
                other.split(separator: ".").dropLast().joined(separator: ".") + "." + (text.split(separator: ".").last ?? ""))
            #expect(try EventRig.Token(other).isSigned(byOneOf: keys))
            #expect(try !forged.isSigned(byOneOf: keys))
        }
    }

    @Test("cursors lead through all events once, in order, whatever the page", arguments: [1, 2, 5])
    func cursors(count: Int) async throws {
        let rig = try await EventRig()
        try await rig.run { client in
            var expected: [String] = []
            for name in ["a", "b", "c", "d", "e"] { expected.append("/Users/" + (try await client.user(name))) }
            var found: [String] = []
            var message: AttributeMap = ["maxEvents": .integer(Int64(count)), "returnImmediately": true]
            var isMore = true
            while isMore {
                let poll = try await client.poll(message)
                #expect(poll.order.count <= count)
                found += try poll.paths()
                message["cursor"] = poll.cursor
                message["ack"] = .array(poll.order.map { .string($0) })
                isMore = poll.isMoreAvailable == true
            }
            #expect(found == expected)
            #expect(try await client.poll(message).order.isEmpty)
            expected = ["/Users/" + (try await client.user("f"))]
            #expect(try await client.poll(message).paths() == expected)
            // Reading again tells the same.
            let (first, again) = (try await client.poll(), try await client.poll())
            #expect(first.order == again.order)
            let claims = try [first, again].map { poll in try poll.tokens.map { try EventRig.Token($0).claims } }
            #expect(claims[0] == claims[1])
        }
    }

    @Test("who begins now hears of nothing that was, and of all that comes")
    func now() async throws {
        let rig = try await EventRig()
        try await rig.run { client in
            _ = try await client.user("ada")
            let start = try await client.poll(["from": "now", "returnImmediately": true])
            #expect(start.order.isEmpty)
            let path = "/Users/" + (try await client.user("bob"))
            #expect(try await client.poll(["cursor": start.cursor, "returnImmediately": true]).paths() == [path])
            #expect(try await client.poll(["from": "oldest", "returnImmediately": true]).order.count == 2)
            #expect(try await client.poll(["cursor": "", "returnImmediately": true]).order.count == 2)
        }
    }

    @Test("maxEvents 0 only acknowledges")
    func acknowledgement() async throws {
        let rig = try await EventRig(settings: EventSettings(longestWait: .seconds(30)))
        try await rig.run { client in
            _ = try await client.user("ada")
            let poll = try await client.poll(["maxEvents": 0, "ack": ["x"]])
            #expect(poll.order.isEmpty && poll.isMoreAvailable == true)
            #expect(try await client.poll(["cursor": poll.cursor]).order.count == 1)
        }
    }

    @Test(
        "a message that is none is refused",
        arguments: [
            ["maxEvents": -1], ["maxEvents": "5"], ["returnImmediately": "yes"], ["ack": "x"], ["ack": [1]], ["setErrs": ["x"]],
            ["setErrs": ["x": "y"]], ["cursor": 5], ["from": "then"], ["from": "now", "cursor": "e30"],
        ] as [AttributeMap])
    func refused(_ message: AttributeMap) async throws {
        try await EventRig().run { client in
            let answer = try await client.poll(message).answer
            #expect(answer.isError(400, "invalidValue"))
        }
    }

    @Test("what a reader could not take in is logged, a little of it and without control characters")
    func errors() async throws {
        let rig = try await EventRig()
        try await rig.run { client in
            let failure: AttributeValue = ["err": "invalid_key\u{1B}[2J", "description": .string(String(repeating: "x", count: 5000))]
            let errors = AttributeMap((0..<25).map { AttributeMap.Member(name: "jti-\($0)", value: failure) })
            let poll = try await client.poll(["setErrs": .complex(errors), "ack": ["a"], "returnImmediately": true])
            #expect(poll.answer.status == 200)
        }
        let lines = rig.logs.lines.filter { $0.level == .warning }
        #expect(lines.count == 11)
        #expect(lines.first?.metadata["event.err"] == "invalid_key?[2J")
        #expect(lines.allSatisfy { $0.text.count < 1000 })
        #expect(lines.last?.metadata["events.count"] == "15")
    }

    @Test("other methods are refused, and who has no token gets nothing")
    func methods() async throws {
        try await EventRig().run { client in
            let answer = try await client.send(.get, "/Events")
            #expect(answer.isError(405))
            #expect(answer.headers[.allow] == "POST")
            #expect(try await client.send(.post, "/Events/jwks.json", [:]).isError(405))
            #expect(try await client.with("mst_none").poll().answer.isError(401))
            #expect(try await client.with("mst_none").send(.get, "/Events/jwks.json").isError(401))
        }
    }

    // MARK: What a reader may see

    @Test("a token that may read some types hears of those alone")
    func scopes() async throws {
        let rig = try await EventRig()
        let (groups, none) = (try await rig.token(scopes: "read:Group"), try await rig.token(scopes: ""))
        try await rig.run { client in
            _ = try await client.user("ada")
            let path = "/Groups/" + (try await client.group("staff"))
            _ = try await client.user("bob")
            let poll = try await client.with(groups).poll()
            #expect(try poll.paths() == [path])
            #expect(poll.isMoreAvailable == false)
            #expect(try await client.with(none).poll().answer.isError(403))
        }
    }

    @Test("tenants hear of their own changes, and take no cursor of another's")
    func tenants() async throws {
        let rig = try await EventRig()
        let token = try await rig.token(EventRig.acme)
        try await rig.run { client in
            let other = client.with(token, tenant: EventRig.acme)
            let (ada, bob) = ("/Users/" + (try await client.user("ada")), "/Users/" + (try await other.user("bob")))
            let (own, others) = (try await client.poll(), try await other.poll())
            #expect(try own.paths() == [ada])
            #expect(try others.paths() == [bob])
            let claims = try EventRig.Token(try #require(others.tokens.first)).claims
            #expect(claims["iss"]?.string?.hasSuffix("/tenants/acme/scim/v2") == true)
            #expect(try await other.poll(["cursor": own.cursor]).answer.isError(400, "invalidCursor"))
            #expect(try await client.poll(["cursor": others.cursor]).answer.isError(400, "invalidCursor"))
            #expect(try await other.poll(["cursor": "nonsense"]).answer.isError(400, "invalidCursor"))
        }
    }

    @Test("a cursor that changes were forgotten after has expired")
    func expiry() async throws {
        let rig = try await EventRig()
        try await rig.run { client in
            let start = try await client.poll()
            _ = try await client.user("ada")
            let end = try await client.poll()
            _ = try await rig.store.write { try $0.pruneDeliveries(before: Timestamp(milliseconds: .max), limit: 10) }
            #expect(try await client.poll(["cursor": start.cursor]).answer.isError(400, "expiredCursor"))
            #expect(try await client.poll(["cursor": end.cursor]).order.isEmpty)
        }
    }

    // MARK: Settings

    @Test("full mode carries the resource, and ServiceProviderConfig tells which events there are (RFC 9967 §4)")
    func full() async throws {
        try await EventRig(settings: EventSettings(mode: .full, longestWait: .zero, isAdvertised: true)).run { client in
            _ = try await client.user("ada")
            let claims = try EventRig.Token(try #require(try await client.poll().tokens.first)).claims
            #expect(claims["events"]?[Self.prov + "create:full"]?["data"]?["userName"] == "ada")
            let told = try #require(try await client.send(.get, "/ServiceProviderConfig")["securityEvents"])
            #expect(told["asyncRequest"] == "none")
            #expect(told["eventUris"]?.array?.contains(.string(Self.prov + "create:full")) == true)
        }
        try await EventRig(settings: EventSettings(longestWait: .zero, isAdvertised: true)).run { client in
            let told = try #require(try await client.send(.get, "/ServiceProviderConfig")["securityEvents"])
            #expect(told["eventUris"]?.array?.contains(.string(Self.prov + "create:full")) == false)
            #expect(told["eventUris"]?.array?.contains(.string(Self.prov + "create:notice")) == true)
        }
        try await EventRig().run { client in
            let configuration = try await client.send(.get, "/ServiceProviderConfig")
            #expect(configuration.status == 200 && configuration["securityEvents"] == nil)
        }
    }

    @Test("where events are switched off, nothing tells of them")
    func switchedOff() async throws {
        try await EventRig(isServed: false).run { client in
            let (poll, keys) = (try await client.poll(), try await client.send(.get, "/Events/jwks.json"))
            #expect(poll.answer.isError(404) && keys.isError(404))
            let configuration = try await client.send(.get, "/ServiceProviderConfig")
            #expect(configuration["securityEvents"] == nil)
        }
    }

    @Test("the server's own key is made once and kept; one from the configuration comes first and is not")
    func keys() async throws {
        let store = try await EventRig().store
        let made = try await EventFeed().signingKey(in: store)
        #expect(try await EventFeed().signingKey(in: store).keySet == made.keySet)
        let own = EventSigningKey()
        let feed = EventFeed(settings: EventSettings(signingKey: own))
        #expect(try await feed.signingKey(in: store).keySet == own.keySet)
        #expect(own.keySet != made.keySet)
        #expect(try EventSigningKey(pem: own.pem).keySet == own.keySet)
        #expect(!"\(EventSettings(signingKey: own))".contains("PRIVATE"))
        #expect(throws: (any Error).self) { try EventSigningKey(pem: "none") }
        try await store.write { try $0.setSetting("events-key", "damaged") }
        await #expect(throws: StoreError.self) { try await EventFeed().signingKey(in: store) }
    }

    @Test("a key's id is its thumbprint (RFC 7638 §3)")
    func thumbprint() throws {
        let keySet = EventSigningKey().keySet
        let key = try #require(keySet["keys"]?.array?.first)
        let members = AttributeMap(["crv", "kty", "x", "y"].compactMap { name in key[name].map { .init(name: name, value: $0) } })
        let digest = SHA256.hash(data: Data(AttributeValue.complex(members).jsonBytes))
        #expect(key["kid"]?.string.flatMap { Base64URL.decode($0) } == Array(digest))
        #expect(key["kty"] == "EC" && key["crv"] == "P-256" && key["alg"] == "ES256" && key["use"] == "sig")
    }
}
