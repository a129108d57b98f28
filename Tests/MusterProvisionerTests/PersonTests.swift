import MusterCore
import MusterProvisioner
import SCIM
import Testing

@Suite("A person as the provisioner sees them")
struct PersonTests {
    @Test("only an explicit true makes them active", arguments: [("true", true), ("false", false), ("null", false)])
    func active(value: String, expected: Bool) throws {
        let user = Resource(attributes: try AttributeValue(json: Array(#"{"id":"1","active":\#(value)}"#.utf8)).complex ?? [:])
        #expect(Person(key: ResourceKey(type: "User", id: "1"), user: user).isActive == expected)
    }
}
