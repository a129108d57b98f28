import Crypto
import CryptoExtras
import Foundation

/// Hashes passwords with scrypt (RFC 7914), which costs an attacker memory, and checks them.
///
/// A hash is a text that says how it was made: `$scrypt$ln=15,r=8,p=1$<salt>$<hash>`, salt and hash in base64 without
/// padding. `$pbkdf2-sha256$i=600000$<salt>$<hash>` (RFC 8018 §5.2) is checked too, but not made.
///
/// Hashing takes about a tenth of a second and 32 MB; it runs beside the tasks, two at a time.
package enum PasswordHash {
    /// A password that cannot be hashed.
    package struct InvalidPassword: Error, Sendable, CustomStringConvertible {
        /// What a password must be.
        package var description: String { "a password is 1 to \(PasswordHash.longestPassword) bytes of UTF-8" }
    }

    /// What scrypt costs: `1 << logarithm` blocks of `128 * blockSize` bytes.
    struct Cost: Sendable, Hashable {
        var logarithm = 15
        var blockSize = 8
        var parallelism = 1

        /// What is computed for nobody: no more than 128 MB.
        var isReasonable: Bool {
            (1...17).contains(logarithm) && (1...8).contains(blockSize) && (1...4).contains(parallelism)
        }
    }

    /// Longer passwords are refused, so that nobody sends megabytes to hash.
    static let longestPassword = 1024
    private static let saltBytes = 16
    private static let hashBytes = 32
    private static let pool = HashingPool(width: 2, longestQueue: 256)

    /// Hashes a password with a new salt.
    /// - Returns: The text of the hash as UTF-8.
    /// - Throws: ``InvalidPassword``; `SCIMError` 503 when too many wait already.
    package static func make(_ password: String) async throws -> [UInt8] { try await make(password, cost: Cost()) }

    static func make(_ password: String, cost: Cost) async throws -> [UInt8] {
        guard let bytes = prepared(password) else { throw InvalidPassword() }
        var random = SystemRandomNumberGenerator()
        let salt = (0..<saltBytes).map { _ in UInt8.random(in: 0...255, using: &random) }
        let hash = try await pool.run { Form.scrypt(cost).hash(bytes, salt: salt, count: hashBytes) }
        guard let hash else { throw InvalidPassword() }
        let prefix = "$scrypt$ln=\(cost.logarithm),r=\(cost.blockSize),p=\(cost.parallelism)"
        return Array("\(prefix)$\(base64(salt))$\(base64(hash))".utf8)
    }

    /// Whether a password is the one that was hashed. What is no hash matches nothing, but takes as long, so that time does
    /// not tell whether there is one; and nothing matches while too many wait already.
    package static func verify(_ password: String, against hash: [UInt8]) async -> Bool {
        (try? await check(password, against: hash)) ?? false
    }

    /// The same, and tells when too many wait already.
    /// - Throws: `SCIMError` 503.
    static func check(_ password: String, against hash: [UInt8]) async throws -> Bool {
        guard let bytes = prepared(password) else { return false }
        let parsed = Parsed(hash)
        let known = parsed ?? .decoy
        let computed = try await pool.run { known.form.hash(bytes, salt: known.salt, count: known.hash.count) }
        guard let computed, ConstantTime.isEqual(computed, known.hash) else { return false }
        return parsed != nil
    }

    /// Whether a text is a hash that can be checked.
    package static func isHash(_ text: String) -> Bool { Parsed(Array(text.utf8)) != nil }

    /// The password as it is hashed: in Normalization Form C, so that every keyboard's way to type it is the same
    /// (RFC 8265 §4.2). Nil when it is empty or too long.
    private static func prepared(_ password: String) -> [UInt8]? {
        guard (1...longestPassword).contains(password.utf8.count) else { return nil }
        return Array(password.precomposedStringWithCanonicalMapping.utf8)
    }

    private static func base64(_ bytes: [UInt8]) -> String {
        String(Data(bytes).base64EncodedString().prefix { $0 != "=" })
    }

    /// How a hash was made.
    private enum Form: Sendable {
        case scrypt(Cost)
        case pbkdf2(rounds: Int)

        func hash(_ password: [UInt8], salt: [UInt8], count: Int) -> [UInt8]? {
            let key: SymmetricKey?
            switch self {
            case .scrypt(let cost):
                key = try? KDF.Scrypt.deriveKey(
                    from: password, salt: salt, outputByteCount: count, rounds: 1 << cost.logarithm, blockSize: cost.blockSize,
                    parallelism: cost.parallelism)
            case .pbkdf2(let rounds):
                key = try? KDF.Insecure.PBKDF2.deriveKey(
                    from: password, salt: salt, using: .sha256, outputByteCount: count, rounds: rounds)
            }
            return key?.withUnsafeBytes { Array($0) }
        }
    }

    /// A hash, taken apart.
    private struct Parsed: Sendable {
        let form: Form
        let salt: [UInt8]
        let hash: [UInt8]

        /// Stands where there is no hash.
        static let decoy = Parsed(
            form: .scrypt(Cost()), salt: [UInt8](repeating: 0, count: saltBytes), hash: [UInt8](repeating: 0, count: hashBytes))

        private init(form: Form, salt: [UInt8], hash: [UInt8]) { (self.form, self.salt, self.hash) = (form, salt, hash) }

        init?(_ text: [UInt8]) {
            guard text.count <= 512 else { return nil }
            let parts = String(decoding: text, as: UTF8.self).split(separator: "$", omittingEmptySubsequences: false)
            guard parts.count == 5, parts[0].isEmpty, let salt = Self.bytes(parts[3], 8...64), let hash = Self.bytes(parts[4], 16...64),
                let form = Self.form(parts[1], parts[2])
            else { return nil }
            self.init(form: form, salt: salt, hash: hash)
        }

        private static func form(_ name: Substring, _ parameters: Substring) -> Form? {
            var numbers: [Substring: Int] = [:]
            for parameter in parameters.split(separator: ",") {
                let sides = parameter.split(separator: "=")
                guard sides.count == 2, let number = Int(sides[1]), numbers.updateValue(number, forKey: sides[0]) == nil else { return nil }
            }
            switch name {
            case "scrypt":
                guard let logarithm = numbers["ln"], let blockSize = numbers["r"], let parallelism = numbers["p"] else { return nil }
                let cost = Cost(logarithm: logarithm, blockSize: blockSize, parallelism: parallelism)
                return cost.isReasonable && numbers.count == 3 ? .scrypt(cost) : nil
            case "pbkdf2-sha256":
                guard let rounds = numbers["i"], (210_000...10_000_000).contains(rounds), numbers.count == 1 else { return nil }
                return .pbkdf2(rounds: rounds)
            default: return nil
            }
        }

        private static func bytes(_ text: Substring, _ count: ClosedRange<Int>) -> [UInt8]? {
            let padded = text + String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
            guard let data = Data(base64Encoded: String(padded)), count.contains(data.count) else { return nil }
            return Array(data)
        }
    }
}
