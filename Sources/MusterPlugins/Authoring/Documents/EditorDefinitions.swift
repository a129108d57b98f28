import SCIM

/// The API as a file of definitions for LuaLS, the language server behind most editors' Lua: completion, types, hints.
package enum EditorDefinitions {
    /// The file's name.
    package static let fileName = "muster.lua"
    /// The folder for it beside the plugins; a name with `_` in front is no plugin.
    package static let folderName = "_definitions"

    /// The definitions, as Lua that is only read.
    package static var text: String {
        var lines = [
            "---@meta", "-- The API of Muster's plugins, level 1. Written by 'muster plugin definitions' from the table that registers it;",
            "-- not to be edited.", "",
        ]
        lines += resources
        lines.append("---@alias muster.HookName " + HookName.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: "|"))
        lines.append("")
        let shapes = APIReference.plugins.shapes + APIReference.plugins.outcomes.map(\.shape) + APIReference.specs.shapes
        for shape in shapes { lines += type(shape.name, shape.sentence, shape.fields) }
        for context in APIReference.plugins.contexts { lines += self.context(context) }
        lines += plugin
        for module in APIReference.plugins.modules + APIReference.specs.modules { lines += self.module(module) }
        return lines.joined(separator: "\n") + "\n"
    }

    /// `.luarc.json`: tells LuaLS where the definitions are, and what of Lua's library is not there.
    package static var settings: String {
        let missing = ["io", "os", "package", "bit", "bit32", "jit", "ffi", "table.new", "table.clear"]
        let map: AttributeValue = [
            "runtime.version": "Lua 5.4", "workspace.library": [.string(folderName)], "workspace.checkThirdParty": false,
            "runtime.builtin": .complex(AttributeMap(missing.map { .init(name: $0, value: "disable") })),
        ]
        return map.jsonText + "\n"
    }

    // MARK: Types

    private static func type(_ name: String, _ sentence: String, _ fields: [APIField]) -> [String] {
        ["--- \(sentence)", "---@class \(name)"] + fields.map(field) + [""]
    }

    private static func field(_ field: APIField) -> String {
        let name = LuaName.isName(field.name) ? field.name : "[\(field.name.luaSource)]"
        return "---@field \(name)\(field.isOptional ? "?" : "") \(field.type) \(field.sentence)"
    }

    private static func context(_ context: APIContext) -> [String] {
        let outcomes = context.outcomes.map { outcome in
            "---@field \(outcome.name) fun(given?: string|\(outcome.shape.name)) \(outcome.sentence)"
        }
        return ["--- \(context.sentence)", "---@class \(context.name)"] + context.fields.map(field) + outcomes + [""]
    }

    private static var plugin: [String] {
        ["--- What init.lua returns: a table of hooks.", "---@class muster.Plugin"]
            + APIReference.plugins.hooks.map { "---@field \($0.name.rawValue)? fun(ctx: \($0.context.name)) \($0.sentence)" } + [""]
    }

    /// Users and groups, from the schemas that the server itself goes by.
    private static var resources: [String] {
        let common: [APIField] = [
            .required("id", "string", "Given by the server."), .optional("externalId", "string", "Given by the client."),
            .required("schemas", "string[]", "The URNs of its schemas."), .required("meta", "muster.Meta", "About the resource itself."),
        ]
        let enterprise = APIField.optional(Schema.enterpriseUser.id, "muster.EnterpriseUser", "The enterprise extension.")
        let meta: [APIField] = ["resourceType", "created", "lastModified", "location", "version"].map {
            .optional($0, "string", "RFC 7643 §3.1.")
        }
        return type("muster.Meta", "About a resource.", meta)
            + resource("muster.EnterpriseUser", Schema.enterpriseUser, [])
            + resource("muster.User", Schema.user, common + [enterprise]) + resource("muster.Group", Schema.group, common)
    }

    private static func resource(_ name: String, _ schema: Schema, _ common: [APIField]) -> [String] {
        var (lines, fields) = ([String](), common)
        for attribute in schema.attributes {
            let part = "\(name).\(attribute.name)"
            if attribute.type == .complex {
                lines += type(part, attribute.description + ".", attribute.subAttributes.map { self.field($0, "string") })
            }
            fields.append(self.field(attribute, part))
        }
        var text = type(name, schema.description + ".", fields)
        text.insert("---@field [string] any Attributes of the site's own schemas.", at: text.count - 1)
        return lines + text
    }

    private static func field(_ attribute: AttributeDefinition, _ complex: String) -> APIField {
        let one: String =
            switch attribute.type {
            case .boolean: "boolean"
            case .integer: "integer"
            case .decimal: "number"
            case .complex: complex
            case .string, .dateTime, .binary, .reference: "string"
            }
        let sentence = attribute.description.isEmpty ? attribute.name : attribute.description
        return APIField(
            name: attribute.name, type: one + (attribute.isMultiValued ? "[]" : ""), isOptional: !attribute.isRequired,
            sentence: sentence + ".")
    }

    // MARK: Functions

    private static func module(_ module: APIModule) -> [String] {
        var (lines, owner) = ([String](), module.name)
        if let type = module.instanceType {
            owner = type.split(separator: ".").last.map { $0.lowercased() } ?? ""
            lines = ["--- \(module.sentence)", "---@class \(type)", "local \(owner) = {}", ""]
        } else if !module.name.isEmpty {
            lines = ["--- \(module.sentence)", "\(module.name) = {}", ""]
        }
        let prefix = owner.isEmpty ? "" : owner + "."
        for value in module.values {
            lines += ["--- \(value.sentence)", "---@type \(value.type)", "\(prefix)\(value.name) = nil", ""]
        }
        for function in module.functions { lines += self.function(function, prefix) }
        return lines
    }

    private static func function(_ function: APIFunction, _ prefix: String) -> [String] {
        var lines = ["--- \(function.sentence)"]
        if function.phases != .anywhere { lines.append("--- In the phases \(function.phases.text).") }
        if let permission = function.permission { lines.append("--- Permission: \(permission.text).") }
        for parameter in function.parameters {
            lines.append("---@param \(parameter.name)\(parameter.isOptional ? "?" : "") \(parameter.type) \(parameter.sentence)")
        }
        for value in function.returns { lines.append("---@return \(value.type) # \(value.name)") }
        lines.append("function \(prefix)\(function.name)(\(function.parameters.map(\.name).joined(separator: ", "))) end")
        return lines + [""]
    }
}
