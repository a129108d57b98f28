import Foundation

extension Sequence<UInt8> {
    /// The bytes as base64url without padding (RFC 4648 §5), as JSON Web Signatures and cursors have it.
    package var base64URL: String {
        Data(self).base64EncodedString()
            .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }
}

extension String {
    /// The bytes that a base64url text without padding stands for; nil when it is none.
    package var base64URLBytes: [UInt8]? {
        guard !contains(where: { $0 == "+" || $0 == "/" || $0 == "=" }) else { return nil }
        let base64 = replacing("-", with: "+").replacing("_", with: "/")
        let padding = String(repeating: "=", count: (4 - base64.utf8.count % 4) % 4)
        return Data(base64Encoded: base64 + padding).map { Array($0) }
    }
}
