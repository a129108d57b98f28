import JWTKit
import SCIM

/// The keys of a JSON Web Key Set (RFC 7517) that can verify a signature.
struct JSONWebKeys: Sendable {
    /// One key.
    struct Key: Sendable {
        /// Its `kid`.
        let id: String?
        /// What it verifies, by the algorithm's name.
        let verifiers: [String: any JWTAlgorithm]
    }

    private static let maximumKeys = 100
    private static let limits = JSONLimits(maximumDepth: 8, maximumBytes: 1 << 20, maximumMembers: 100)

    /// Those that can be used; the rest is left out.
    let keys: [Key]

    /// Reads a document.
    /// - Parameter algorithms: What may be verified.
    /// - Throws: ``JSONWebKeySource/Unreadable`` when it is no key set or none of its keys can be used.
    init(_ document: [UInt8], algorithms: [String]) async throws {
        guard let set = try? AttributeValue(json: document, limits: Self.limits), let entries = set.complex?.exact("keys")?.array else {
            throw JSONWebKeySource.Unreadable(description: "the document is no JSON Web Key Set")
        }
        guard entries.count <= Self.maximumKeys else {
            throw JSONWebKeySource.Unreadable(description: "there are more than \(Self.maximumKeys) keys")
        }
        var keys: [Key] = []
        for entry in entries {
            guard let entry = entry.complex, let key = await Self.key(entry, algorithms: algorithms) else { continue }
            keys.append(key)
        }
        guard !keys.isEmpty else {
            throw JSONWebKeySource.Unreadable(description: "none of the keys can verify \(algorithms.joined(separator: ", "))")
        }
        self.keys = keys
    }

    /// The keys that could have signed a token; without `id`, all of the algorithm.
    func verifiers(id: String?, algorithm: String) -> [any JWTAlgorithm] {
        keys.filter { id == nil || $0.id == id }.compactMap { $0.verifiers[algorithm] }
    }

    /// Whether there is a key with this `kid`.
    func contains(id: String?) -> Bool { keys.contains { id == nil || $0.id == id } }

    private static func key(_ entry: AttributeMap, algorithms: [String]) async -> Key? {
        // RFC 7517 §4.2, §4.3: a key that is meant for something else is left alone.
        if let use = entry.exact("use"), use.string != "sig" { return nil }
        if let operations = entry.exact("key_ops")?.array, !operations.contains(.string("verify")) { return nil }
        let stated = entry.exact("alg")?.string
        var verifiers: [String: any JWTAlgorithm] = [:]
        for algorithm in algorithms where (stated ?? algorithm) == algorithm {
            guard let jwk = jwk(entry, for: algorithm) else { continue }
            let collection = JWTKeyCollection()
            guard (try? await collection.add(jwk: jwk)) != nil, let verifier = try? await collection.getKey(for: jwk.keyIdentifier)
            else { continue }
            verifiers[algorithm] = verifier
        }
        guard !verifiers.isEmpty else { return nil }
        return Key(id: entry.exact("kid")?.string, verifiers: verifiers)
    }

    /// The public key for one algorithm (RFC 7518 §6); nil when type or curve do not go with it.
    private static func jwk(_ entry: AttributeMap, for algorithm: String) -> JWK? {
        let id = JWKIdentifier(string: "key")
        func text(_ name: String) -> String? { entry.exact(name)?.string }
        guard let name = JWK.Algorithm(rawValue: algorithm) else { return nil }
        switch (text("kty"), algorithm.prefix(2)) {
        case ("RSA", "RS"), ("RSA", "PS"): return .rsa(name, identifier: id, modulus: text("n"), exponent: text("e"))
        case ("EC", "ES"):
            let curves = ["ES256": ("P-256", ECDSACurve.p256), "ES384": ("P-384", .p384), "ES512": ("P-521", .p521)]
            guard let (curve, value) = curves[algorithm], text("crv") == curve else { return nil }
            return .ecdsa(name, identifier: id, x: text("x"), y: text("y"), curve: value)
        case ("OKP", "Ed"):
            guard text("crv") == "Ed25519" else { return nil }
            return .octetKeyPair(name, identifier: id, x: text("x"), y: nil, curve: .ed25519)
        default: return nil
        }
    }
}

extension AttributeMap {
    /// The value of a name in exactly this case: unlike SCIM's, the names of JOSE differ by case (RFC 7515 §4).
    func exact(_ name: String) -> AttributeValue? { members.first { $0.name == name }?.value }
}
