import Logging
import MusterCore
import MusterProvisioner
import MusterTesting
import SCIM

/// A client and the target that it speaks to, on a clock that moves when somebody waits.
struct ClientRig {
    let target: FakeTarget
    let clock: ManualClock
    let client: SCIMClient
    let dialect: TargetDialect

    init(
        _ preset: TargetPreset = .rfc, _ switches: FakeTarget.Switches = FakeTarget.Switches(),
        change: (inout TargetDefinition) -> Void = { _ in }
    ) {
        let clock = ManualClock()
        var definition = TargetDefinition(
            name: "app", preset: preset, baseURL: "https://app.example.com/scim/v2", template: preset.template, dialect: preset.dialect)
        change(&definition)
        self.clock = clock
        target = FakeTarget(switches: switches) {
            clock.advance(by: $0)
            await Task.yield()
        }
        client = SCIMClient(
            definition: definition, transport: target, secret: { $0 == "TOKEN" ? "s3cret" : nil }, clock: clock.wallClock,
            sleep: { clock.advance(by: $0) }, logger: Logger(label: "test"))
        dialect = definition.dialect
    }

    /// Methods and paths below the base URL, in their order.
    var sent: [String] { target.requests.map { "\($0.method) \($0.url.dropFirst("https://app.example.com/scim/v2".count))" } }

    func create(_ name: String) async throws -> OperationResult {
        try await client.perform(.createUser(Self.user(name)), id: nil)
    }

    func update(_ id: String, _ document: AttributeValue) async throws -> OperationResult {
        try await client.perform(.updateUser(id: id, document: document, previous: nil, dialect: dialect), id: id)
    }

    func join(_ id: String, _ group: TargetGroup) async throws -> OperationResult {
        try await client.perform(.addToGroup(group, userID: id, dialect: dialect), id: id)
    }

    func leave(_ id: String, _ group: TargetGroup) async throws -> OperationResult {
        try await client.perform(.removeFromGroup(group, userID: id, dialect: dialect), id: id)
    }

    static func user(_ name: String, title: String = "Dev") -> AttributeValue {
        [
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": .string(name), "displayName": .string(name),
            "name": ["givenName": "Ada", "familyName": "Byron"], "title": .string(title), "active": true,
            "emails": [["value": .string("\(name)@example.com"), "type": "work", "primary": true]],
        ]
    }
}
