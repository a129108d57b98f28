package import MusterCore
package import SCIM

extension TargetDefinition {
    private static let (mostHeaders, longestHeader) = (20, 1000)

    /// Reads what an administrator wrote; what is left out is as the preset has it.
    ///
    ///     { "name": "clarizen", "preset": "clarizen", "baseURL": "https://api.example.com/scim/v2",
    ///       "authentication": { "type": "bearer", "token": "CLARIZEN_TOKEN" }, "customFields": { "Weight": "{$user.custom_fields.Weight}" },
    ///       "scope": { "groups": ["Engineering"] }, "leaving": "deactivate", "approval": { "update": false } }
    /// - Returns: The definition, nil where there are errors; and everything that a person has to repair.
    package static func read(_ json: AttributeValue) -> (definition: TargetDefinition?, findings: [Finding]) {
        guard let map = json.complex else { return (nil, [Finding(.error, "", "is not a JSON object")]) }
        var reader = DocumentReader(map, at: "")
        let name = reader.string("name", isRequired: true) ?? ""
        if !name.isEmpty, !ProvisioningTarget.isValid(name: name) {
            reader.report("name", "'\(name)' cannot be a target's name", "1 to 63 lower-case letters, digits and dashes, no dash first")
        }
        let preset: TargetPreset = reader.choice("preset") ?? .rfc
        let (template, templateFindings) = readTemplate(&reader, preset)
        reader.add(templateFindings)
        var definition = TargetDefinition(name: name, preset: preset, baseURL: "", template: template, dialect: preset.dialect)
        definition.allowsPrivateAddress = reader.boolean("allowPrivateAddress") ?? false
        definition.baseURL = readURL("baseURL", &reader, allowsPlain: definition.allowsPrivateAddress) ?? ""
        if let authentication = reader.object("authentication") {
            var part = DocumentReader(authentication, at: "authentication")
            definition.authentication = readAuthentication(&part, allowsPlain: definition.allowsPrivateAddress)
            reader.add(part.finish())
        } else {
            reader.report("authentication", "is missing", #"such as { "type": "bearer", "token": "NAME_OF_THE_SECRET" }"#)
        }
        if let headers = reader.object("headers") { definition.headers = readHeaders(headers, &reader) }
        definition.readRules(&reader)
        definition.readDialect(&reader)
        let findings = reader.finish()
        return (findings.contains { $0.severity == .error } ? nil : definition, findings)
    }

    // MARK: Parts

    private static func readTemplate(_ reader: inout DocumentReader, _ preset: TargetPreset) -> (ProvisioningTemplate, [Finding]) {
        var parameters: [String: String] = [:]
        for member in reader.object("parameters")?.members ?? [] {
            guard let text = member.value.string else {
                reader.report("parameters.\(member.name)", "is not a text")
                continue
            }
            parameters[member.name] = text
        }
        var (template, findings) = (preset.template, [Finding]())
        template.parameters = parameters
        if let own = reader.take("template") {
            (template, findings) = ProvisioningTemplate.read(own, parameters: parameters, at: "template")
        } else {
            findings += ProvisioningTemplate.read(template.document, parameters: parameters, at: "template").findings
        }
        for member in reader.object("customFields")?.members ?? [] {
            guard let macro = member.value.string else {
                findings.append(
                    Finding(.error, "customFields.\(member.name)", "is not a text", "such as {$user.custom_fields.\(member.name)}"))
                continue
            }
            findings += template.addField(named: member.name, macro: macro, at: "customFields.\(member.name)")
        }
        return (template, findings)
    }

    /// A URL without a slash at its end. Without TLS it is taken only where a private address may be meant.
    private static func readURL(_ name: String, _ reader: inout DocumentReader, allowsPlain: Bool) -> String? {
        guard var text = reader.string(name, isRequired: true) else { return nil }
        while text.hasSuffix("/") { text.removeLast() }
        let isSecure = text.hasPrefix("https://")
        guard isSecure || text.hasPrefix("http://"), text.utf8.count <= 2000,
            !text.unicodeScalars.contains(where: { $0.value <= 0x20 || $0.value >= 0x7F }), !text.contains("?"), !text.contains("#"),
            !text.dropFirst(isSecure ? 8 : 7).isEmpty, !text.contains("@")
        else {
            reader.report(name, "is not an http or https URL without user, query and fragment")
            return nil
        }
        if !isSecure, !allowsPlain {
            reader.report(name, "is not encrypted", "use https, or for a target on this machine or network set allowPrivateAddress")
        }
        return text
    }

    private static func readAuthentication(_ reader: inout DocumentReader, allowsPlain: Bool) -> Authentication {
        switch reader.string("type", isRequired: true) {
        case "none": return .none
        case "bearer": return .bearer(token: readSecret("token", &reader))
        case "basic": return .basic(user: reader.string("user", isRequired: true) ?? "", password: readSecret("password", &reader))
        case "oauth":
            return .clientCredentials(
                tokenURL: readURL("tokenURL", &reader, allowsPlain: allowsPlain) ?? "",
                clientID: reader.string("clientID", isRequired: true) ?? "", clientSecret: readSecret("clientSecret", &reader),
                scope: reader.string("scope"))
        case "certificate":
            return .certificate(
                chain: reader.string("certificate", isRequired: true) ?? "", key: reader.string("key", isRequired: true) ?? "")
        case let type?:
            reader.report(
                "type", "'\(type)' is none of its values",
                NearestName.hint(type, among: ["none", "bearer", "basic", "oauth", "certificate"]))
            return .none
        case nil: return .none
        }
    }

    /// The name of a secret. What is none is probably the secret itself, so it is not repeated.
    private static func readSecret(_ name: String, _ reader: inout DocumentReader) -> String {
        guard let text = reader.string(name, isRequired: true) else { return "" }
        if !SecretName.isValid(text) {
            reader.report(
                name, "is not the name of a secret",
                "give the name, such as CLARIZEN_TOKEN, and the secret itself as MUSTER_SECRET_CLARIZEN_TOKEN or as a file in the secrets folder"
            )
        }
        return text
    }

    private static func readHeaders(_ map: AttributeMap, _ reader: inout DocumentReader) -> [String: String] {
        var headers: [String: String] = [:]
        for member in map.members {
            let place = "headers.\(member.name)"
            guard let value = member.value.string, value.utf8.count <= longestHeader,
                !value.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }), !member.name.isEmpty,
                member.name.utf8.allSatisfy({ byte in
                    0x41...0x5A ~= byte || 0x61...0x7A ~= byte || 0x30...0x39 ~= byte || byte == UInt8(ascii: "-")
                })
            else {
                reader.report(place, "is not a header")
                continue
            }
            let reserved = ["authorization", "host", "content-length", "content-type", "accept", "transfer-encoding", "connection"]
            if reserved.contains(member.name.lowercased()) {
                reader.report(place, "is set by Muster itself", "secrets are given under authentication")
            }
            headers[member.name] = value
        }
        if headers.count > mostHeaders { reader.report("headers", "are more than \(mostHeaders)") }
        return headers
    }

    private mutating func readRules(_ reader: inout DocumentReader) {
        if let matching = reader.strings("matching", limit: 5) {
            matching.isEmpty ? reader.report("matching", "is empty", "such as [\"userName\"]") : (self.matching = matching)
            for (index, attribute) in matching.enumerated() {
                guard let path = try? AttributePath(parsing: attribute) else {
                    reader.report("matching[\(index)]", "'\(attribute)' is no attribute")
                    continue
                }
                if let problem = path.filterProblem { reader.report("matching[\(index)]", "'\(attribute)' chooses nothing", problem) }
            }
        }
        if let map = reader.object("scope") {
            var part = DocumentReader(map, at: "scope")
            scope.everyone = part.boolean("everyone") ?? false
            scope.groups = part.strings("groups") ?? []
            if let text = part.string("filter") {
                do {
                    let filter = try Filter(parsing: text)
                    try filter.validate(for: .user, in: .standard)
                    scope.filter = filter
                } catch { part.report("filter", error.detail) }
            }
            reader.add(part.finish())
        }
        if let value = reader.take("leaving") { readLeaving(value, &reader) }
        if let map = reader.object("groups") {
            var part = DocumentReader(map, at: "groups")
            groups.mirror = part.boolean("mirror") ?? false
            groups.create = part.boolean("create") ?? false
            reader.add(part.finish())
        }
        if let map = reader.object("approval") {
            var part = DocumentReader(map, at: "approval")
            approval.create = part.boolean("create") ?? true
            approval.update = part.boolean("update") ?? true
            approval.delete = part.boolean("delete") ?? true
            approval.groups = part.boolean("groups") ?? true
            approval.approvers = part.integer("approvers", in: 1...10) ?? 1
            reader.add(part.finish())
        }
        updates = reader.choice("updates") ?? .always
        if let map = reader.object("guard") {
            var part = DocumentReader(map, at: "guard")
            self.guard.count = part.integer("count", in: 0...1_000_000) ?? self.guard.count
            self.guard.percent = part.number("percent", in: 0...100) ?? self.guard.percent
            if let minutes = part.integer("windowMinutes", in: 1...10_080) { self.guard.window = .seconds(minutes * 60) }
            reader.add(part.finish())
        }
    }

    private mutating func readLeaving(_ value: AttributeValue, _ reader: inout DocumentReader) {
        switch (value.string, value["deleteAfterDays"]?.integer) {
        case ("deactivate", _): leaving = .deactivate
        case ("delete", _): leaving = .delete
        case ("nothing", _): leaving = .nothing
        case (nil, let days?) where 1...3650 ~= days && value.complex?.count == 1: leaving = .deleteAfter(days: Int(days))
        default: reader.report("leaving", #"is not "deactivate", "delete", "nothing" or {"deleteAfterDays": 1 to 3650}"#)
        }
    }

    private mutating func readDialect(_ reader: inout DocumentReader) {
        guard let map = reader.object("dialect") else { return }
        var part = DocumentReader(map, at: "dialect")
        dialect.version = part.choice("version") ?? dialect.version
        dialect.update = part.choice("update") ?? dialect.update
        dialect.patch = part.boolean("patch") ?? dialect.patch
        dialect.put = part.boolean("put") ?? dialect.put
        dialect.filter = part.boolean("filter") ?? dialect.filter
        dialect.paging = part.boolean("paging") ?? dialect.paging
        dialect.delete = part.boolean("delete") ?? dialect.delete
        dialect.memberRemoval = part.choice("memberRemoval") ?? dialect.memberRemoval
        dialect.notReturned = part.strings("notReturned") ?? dialect.notReturned
        dialect.pageSize = part.integer("pageSize", in: 1...10_000) ?? dialect.pageSize
        if let type = part.string("mediaType") {
            let known = ["application/scim+json", "application/json"]
            known.contains(type) ? (dialect.mediaType = type) : part.report("mediaType", "is none of \(known.joined(separator: ", "))")
        }
        dialect.readsPerSecond = part.number("readsPerSecond", in: 0.001...100_000) ?? dialect.readsPerSecond
        dialect.writesPerSecond = part.number("writesPerSecond", in: 0.001...100_000) ?? dialect.writesPerSecond
        dialect.concurrency = part.integer("concurrency", in: 1...64) ?? dialect.concurrency
        if let seconds = part.integer("timeoutSeconds", in: 1...600) { dialect.timeout = .seconds(seconds) }
        reader.add(part.finish())
    }
}
