import Crypto
import Foundation
import MusterCore
import MusterLua

extension HostAPI {
    /// `hash`, `hmac`, `uuid`, `random`, `equals`, `base64_encode` and `base64_decode`.
    mutating func addCrypto() {
        let environment = environment
        sync("hash") { _, arguments in
            let data = try arguments.data(1, "crypto.hash: the data")
            let digest: Data =
                switch try arguments.string(0, "crypto.hash: the algorithm") {
                case "sha256": Data(SHA256.hash(data: data))
                case "sha384": Data(SHA384.hash(data: data))
                case "sha512": Data(SHA512.hash(data: data))
                default: throw HostCallError("crypto.hash: the algorithm is sha256, sha384 or sha512")
                }
            return .string(try arguments.encoded(digest, 2))
        }
        sync("hmac") { _, arguments in
            let key = SymmetricKey(data: try arguments.data(1, "crypto.hmac: the key"))
            let data = try arguments.data(2, "crypto.hmac: the data")
            let code: Data =
                switch try arguments.string(0, "crypto.hmac: the algorithm") {
                case "sha256": Data(HMAC<SHA256>.authenticationCode(for: data, using: key))
                case "sha384": Data(HMAC<SHA384>.authenticationCode(for: data, using: key))
                case "sha512": Data(HMAC<SHA512>.authenticationCode(for: data, using: key))
                default: throw HostCallError("crypto.hmac: the algorithm is sha256, sha384 or sha512")
                }
            return .string(try arguments.encoded(code, 3))
        }
        sync("uuid") { _, _ in .string(environment.world.makeUUID()) }
        sync("random") { _, arguments in
            guard let count = arguments[0]?.integer, 1...1024 ~= count else {
                throw HostCallError("crypto.random: the number of bytes is from 1 to 1024")
            }
            return .string(try arguments.encoded(Data(environment.world.random(Int(count))), 1))
        }
        sync("equals") { _, arguments in
            let left = try arguments.data(0, "crypto.equals: the first argument")
            let right = try arguments.data(1, "crypto.equals: the second argument")
            // Digests have one length and tell nothing of where texts begin to differ.
            return .boolean(SHA256.hash(data: left) == SHA256.hash(data: right))
        }
        sync("base64_encode") { _, arguments in
            .string(try arguments.data(0, "base64.encode: the argument").base64EncodedString())
        }
        sync("base64_decode") { _, arguments in
            guard let data = Data(base64Encoded: try arguments.string(0, "base64.decode: the argument")) else {
                throw HostCallError("base64.decode: the argument is not base64")
            }
            guard let text = String(validating: data, as: UTF8.self) else {
                throw HostCallError("base64.decode: the content is not UTF-8 text")
            }
            return .string(text)
        }
    }
}

extension Arguments {
    fileprivate func data(_ index: Int, _ what: String) throws(HostCallError) -> Data { Data(try string(index, what).utf8) }

    fileprivate func encoded(_ data: Data, _ index: Int) throws(HostCallError) -> String {
        switch try optionalString(index, "the encoding") ?? "hex" {
        case "hex": data.map { byte in String(byte >> 4, radix: 16) + String(byte & 15, radix: 16) }.joined()
        case "base64": data.base64EncodedString()
        case "base64url": Base64URL.encode(data)
        default: throw HostCallError("the encoding is hex, base64 or base64url")
        }
    }
}
