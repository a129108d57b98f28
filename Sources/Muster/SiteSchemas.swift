import Foundation
import MusterCore
import SCIM

/// The schemas and resource types of a site: those of the RFC, and what the JSON files of a folder add.
struct SiteSchemas: Sendable {
    let registry: SchemaRegistry
    /// The names of attributes that the files want indexed, by resource type.
    private let indexed: [String: [String]]
    private let context: String

    /// Files larger than this are no schemas.
    private static let maximumBytes = 1 << 20

    /// Reads all files `*.json` of a folder, in the order of their names.
    /// - Parameters:
    ///   - folder: The folder; nil for none.
    ///   - context: The section of the configuration that names it, for errors.
    /// - Throws: ``ConfigurationError`` with every finding.
    init(folder: String?, context: String) throws {
        self.context = context
        guard let folder else {
            (registry, indexed) = (.standard, [:])
            return
        }
        var (documents, findings): ([(name: String, document: AttributeValue)], [String]) = ([], [])
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
            throw ConfigurationError(["\(context).schemas: the folder \(folder) cannot be read"])
        }
        for name in names.sorted() where name.hasSuffix(".json") {
            let path = "\(folder)/\(name)"
            guard let data = FileManager.default.contents(atPath: path), data.count <= Self.maximumBytes else {
                findings.append("\(path): the file cannot be read, or is larger than \(Self.maximumBytes) bytes")
                continue
            }
            do throws(JSONError) { documents.append((path, try AttributeValue(json: Array(data)))) } catch {
                findings.append("\(path): \(error)")
            }
        }
        let extended = SchemaRegistry.standard.extended(by: documents)
        findings += extended.findings.map(\.description)
        guard findings.isEmpty else { throw ConfigurationError(findings) }
        registry = extended.registry
        indexed = extended.indexed
    }

    /// The attributes that every site has in its index, those that its configuration adds and those that its files do.
    /// - Throws: ``ConfigurationError``.
    func index(_ settings: Configuration.Directory) throws -> AttributeIndex {
        var names = indexed
        let (user, group) = (ResourceType.user.name, ResourceType.group.name)
        names[user, default: []] += ["userName", "externalId", "displayName", "emails.value", "active"] + settings.indexUser
        names[group, default: []] += ["displayName", "externalId"] + settings.indexGroup
        for type in registry.resourceTypes { names[type.name, default: []].append("externalId") }
        do { return try AttributeIndex(names: names, registry: registry) } catch {
            throw ConfigurationError(["\(context).indexUser, \(context).indexGroup: \(error.detail)"])
        }
    }
}
