import SCIM
import Yams

/// One of several objects below a key of a file, such as a user below `authentication.basic`: its values as texts.
struct ConfigurationObject {
    /// What stands at one of its keys.
    struct Field {
        /// A text, or the texts of a list.
        var texts: [String] = []
        /// Names with texts.
        var pairs: [String: String] = [:]
        var line: Int
    }

    /// What stands below the keys that hold such objects.
    static let keys: [String: [String]] = [
        "authentication.jwt": [
            "issuer", "audience", "jwks", "algorithms", "refreshSeconds", "scopes", "defaultScopes", "tenantClaim", "tenant", "dialect",
        ],
        "authentication.basic": ["name", "passwordHash", "tenant", "scopes", "dialect"],
        "authentication.certificates": ["subject", "name", "tenant", "scopes", "dialect"],
    ]

    /// The key with its place: `authentication.basic[0]`.
    let name: String
    let line: Int
    private(set) var fields: [String: Field] = [:]

    /// The text of a key; nil when there is none.
    func text(_ key: String) -> String? { fields[key].map { $0.texts.joined(separator: " ") } }

    /// Reads a list of objects, or one that stands alone.
    /// - Parameter find: Called with line, text and hint of whatever is wrong.
    static func read(_ node: Node, at key: String, line: Int, find: (Int, String, String) -> Void) -> [ConfigurationObject] {
        let elements: [Node]
        switch node {
        case .sequence(let sequence): elements = Array(sequence)
        case .mapping: elements = [node]
        default:
            if node.null == nil { find(line, "\(key): a list of objects is wanted", "") }
            return []
        }
        return elements.enumerated().compactMap { position, element in
            let name = "\(key)[\(position)]"
            guard let mapping = element.mapping else {
                find(element.mark?.line ?? line, "\(name): keys are wanted: \(keys[key, default: []].joined(separator: ", "))", "")
                return nil
            }
            return ConfigurationObject(mapping, name: name, keys: keys[key, default: []], line: element.mark?.line ?? line, find: find)
        }
    }

    private init(_ mapping: Node.Mapping, name: String, keys: [String], line: Int, find: (Int, String, String) -> Void) {
        self.name = name
        self.line = line
        for (key, value) in mapping {
            let (own, line) = (key.string ?? "", key.mark?.line ?? line)
            guard keys.contains(own) else {
                find(line, "unknown key '\(name).\(own)'", NearestName.hint(own, among: keys))
                continue
            }
            var field = Field(line: line)
            switch value {
            case .scalar where value.null != nil: continue
            case .scalar(let scalar): field.texts = [scalar.string]
            case .sequence(let elements) where elements.allSatisfy({ $0.scalar != nil }):
                field.texts = elements.compactMap(\.scalar?.string)
            case .mapping(let pairs) where own == "scopes" && pairs.allSatisfy({ $0.key.scalar != nil && $0.value.scalar != nil }):
                for (name, text) in pairs { field.pairs[name.scalar?.string ?? ""] = text.scalar?.string }
            default:
                find(line, "\(name).\(own): a text is wanted", "")
                continue
            }
            fields[own] = field
        }
    }
}

extension Configuration.Authentication {
    /// Takes over what stands in a file.
    /// - Parameter find: Called with line and text of whatever is wrong.
    mutating func read(_ objects: [String: [ConfigurationObject]], find: (Int, String) -> Void) {
        jwt = objects["authentication.jwt", default: []].map { object in
            var issuer = Configuration.JWT()
            object.apply("issuer", to: &issuer.issuer)
            issuer.audience = object.fields["audience"]?.texts ?? []
            object.apply("jwks", to: &issuer.jwks)
            issuer.algorithms = object.fields["algorithms"]?.texts ?? issuer.algorithms
            if let text = object.text("refreshSeconds") {
                if let seconds = Int(text), (1...86_400).contains(seconds) {
                    issuer.refreshSeconds = seconds
                } else {
                    let line = object.fields["refreshSeconds"]?.line ?? object.line
                    find(line, "\(object.name).refreshSeconds: a whole number from 1 to 86400 is wanted")
                }
            }
            if let field = object.fields["scopes"] {
                issuer.scopes = field.pairs
                if !field.texts.isEmpty {
                    find(field.line, "\(object.name).scopes: the issuer's scopes are wanted below it, such as 'scim.read: read'")
                }
            }
            object.apply("defaultScopes", to: &issuer.defaultScopes)
            issuer.tenantClaim = object.text("tenantClaim")
            object.apply("tenant", to: &issuer.tenant)
            issuer.dialect = object.text("dialect")
            return issuer
        }
        basic = objects["authentication.basic", default: []].map { object in
            var user = Configuration.BasicUser()
            object.apply("name", to: &user.name)
            object.apply("passwordHash", to: &user.passwordHash)
            object.apply("tenant", to: &user.tenant)
            object.apply("scopes", to: &user.scopes)
            user.dialect = object.text("dialect")
            return user
        }
        certificates = objects["authentication.certificates", default: []].map { object in
            var certificate = Configuration.Certificate()
            object.apply("subject", to: &certificate.subject)
            object.apply("name", to: &certificate.name)
            object.apply("tenant", to: &certificate.tenant)
            object.apply("scopes", to: &certificate.scopes)
            certificate.dialect = object.text("dialect")
            return certificate
        }
    }
}

extension ConfigurationObject {
    fileprivate func apply(_ key: String, to value: inout String) {
        if let text = text(key) { value = text }
    }
}
