import SCIM
import Testing

@testable import MusterAdmin

@Suite("What is shown to nobody")
struct MaskingTests {
    @Test(
        "passwords are masked wherever they stand, and nothing else is",
        arguments: [
            (#"{"password":"x","userName":"y"}"#, #"{"password":"***","userName":"y"}"#),
            (#"{"a":[{"Password":"x"}]}"#, #"{"a":[{"Password":"***"}]}"#),
            (#"{"op":"replace","path":"password","value":"x"}"#, #"{"op":"replace","path":"password","value":"***"}"#),
            (
                #"{"op":"replace","path":"urn:x:User:password","value":"x"}"#,
                #"{"op":"replace","path":"urn:x:User:password","value":"***"}"#
            ),
            (#"{"op":"replace","path":"title","value":"x"}"#, #"{"op":"replace","path":"title","value":"x"}"#),
            (#"{"op":"add","value":{"password":"x"}}"#, #"{"op":"add","value":{"password":"***"}}"#),
            (#"{"password":null}"#, #"{"password":null}"#),
        ])
    func masked(text: String, shown: String) throws {
        #expect(try AttributeValue(json: text).masked.jsonText == shown)
    }
}
