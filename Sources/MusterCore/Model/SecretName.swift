/// What the name of a secret looks like.
package enum SecretName {
    /// Whether a text can be one: it is part of a variable's and a file's name.
    package static func isValid(_ text: String) -> Bool {
        1...64 ~= text.utf8.count
            && text.utf8.allSatisfy { byte in
                byte == UInt8(ascii: "_") || UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
            }
    }
}
