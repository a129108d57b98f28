import Logging
import MusterCore
import MusterProvisioner
import MusterTesting
import SCIM
import Testing

@Suite("Looking up accounts at targets of all kinds")
struct LookUpTests {
    static let kinds: [(String, FakeTarget.Switches)] = [
        ("RFC", .init()), ("no filter", .init { $0.noFilter = true }), ("ignores filters", .init { $0.ignoresFilters = true }),
        ("no pages", .init { $0.noPaging = true }),
        ("no filter, no pages", .init { ($0.noFilter, $0.noPaging) = (true, true) }),
        ("numbers as text", .init { $0.numbersAsText = true }),
        ("404 for nobody", .init { $0.notFoundWhenEmpty = true }), ("no Resources", .init { $0.noEmptyResources = true }),
        ("AWS", .init { $0.awsRules = true }), ("SCIM 1.1 errors", .init { $0.scim11Errors = true }),
    ]

    @Test("finds one among many and nobody where there is none", arguments: kinds.indices)
    func find(kind: Int) async throws {
        let rig = ClientRig(.rfc, Self.kinds[kind].1)
        for number in 1...230 { rig.target.addUser(["userName": .string("user\(number)")]) }
        let found = try await rig.client.find("Users", attribute: "userName", value: "USER217")
        #expect(found.map(\.id) == ["u217"], "\(Self.kinds[kind].0)")
        #expect(try await rig.client.find("Users", attribute: "userName", value: "nobody").isEmpty)
    }

    @Test("lists all groups, each once, at every kind of target", arguments: kinds.indices)
    func groups(kind: Int) async throws {
        let rig = ClientRig(.rfc, Self.kinds[kind].1)
        for number in 1...120 { rig.target.addGroup("Group \(number)") }
        let groups = try await rig.client.groups()
        #expect(groups.count == 120 && Set(groups.map(\.id)).count == 120, "\(Self.kinds[kind].0)")
    }

    @Test("reads all accounts page by page, at every kind of target", arguments: kinds.indices)
    func accounts(kind: Int) async throws {
        let rig = ClientRig(.rfc, Self.kinds[kind].1)
        for number in 1...230 { rig.target.addUser(["userName": .string("user\(number)")]) }
        var (index, ids) = (Optional(1), [String]())
        while let start = index {
            let page = try await rig.client.page("Users", startIndex: start)
            ids += page.resources.map(\.id)
            #expect(page.totalResults == 230)
            index = page.nextIndex
        }
        #expect(ids == (1...230).map { "u\($0)" }, "\(Self.kinds[kind].0)")
    }

    @Test("asks for pages as OneLogin does")
    func pages() async throws {
        let rig = ClientRig()
        _ = try await rig.client.groups()
        #expect(rig.sent == ["GET /Groups?count=100&startIndex=1"])
    }

    @Test("a filter that is refused for one attribute is still used for others")
    func oneAttribute() async throws {
        let transport = RecordingTransport()
        let base = "https://app.example.com/scim/v2"
        transport.stub("GET", "\(base)/*", OutboundResponse(status: 200, body: Array(#"{"totalResults":0,"Resources":[]}"#.utf8)))
        transport.stub("GET", "\(base)/Groups?filter=*", OutboundResponse(status: 400))
        let rig = ClientRig()
        let client = SCIMClient(
            definition: rig.client.definition, transport: transport, secret: { _ in nil }, clock: rig.clock.wallClock,
            sleep: { _ in }, logger: Logger(label: "test"))
        _ = try await client.find("Groups", attribute: "displayName", value: "x")
        _ = try await client.find("Users", attribute: "userName", value: "x")
        #expect(transport.requests.last?.url.contains("/Users?filter=") == true)
    }

    @Test("a filter in the path is the target's too, and nobody is found by another value of theirs", arguments: kinds.indices)
    func filtered(kind: Int) async throws {
        let rig = ClientRig(.rfc, Self.kinds[kind].1)
        let address: (AttributeValue, String) -> AttributeValue = { ["value": $0, "type": .string($1)] }
        rig.target.addUser(["userName": "grace", "emails": [address("a@x.org", "home"), address("g@x.org", "work")]])
        rig.target.addUser(["userName": "ada", "emails": [address("a@x.org", "work")]])
        let path = #"emails[type eq "work"].value"#
        #expect(try await rig.client.find("Users", attribute: path, value: "A@x.org").map(\.id) == ["u2"], "\(Self.kinds[kind].0)")
        #expect(try await rig.client.find("Users", attribute: path, value: "g@x.org").map(\.id) == ["u1"])
        #expect(try await rig.client.find("Users", attribute: path, value: "h@x.org").isEmpty)
        let asked = rig.sent.first { $0.contains("filter=") } ?? ""
        #expect(
            asked.hasSuffix("filter=" + "emails%5Btype%20eq%20%22work%22%20and%20value%20eq%20%22A@x.org%22%5D") || asked.isEmpty,
            "\(asked)")
    }

    @Test("the value is quoted, so that it cannot become another filter")
    func quoting() async throws {
        let rig = ClientRig()
        rig.target.addUser(["userName": "ada"])
        #expect(try await rig.client.find("Users", attribute: "userName", value: #"x" or userName eq "ada"#).isEmpty)
        rig.target.addUser(["userName": #"a"b\c & d+e"#])
        #expect(try await rig.client.find("Users", attribute: "userName", value: #"a"b\c & d+e"#).map(\.id) == ["u2"])
    }
}
