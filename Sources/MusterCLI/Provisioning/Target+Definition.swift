import ArgumentParser
import MusterCore
import MusterProvisioner
import SCIM

extension Target {
    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Define a target. It is off until 'muster target connect'.",
            discussion: """
                Who goes there: everybody, groups, those who are assigned, and those whom a
                mapping rule sends; a filter leaves out of these. With --definition all is
                read from a file, as 'muster target show --json' prints it under definition.
                """)
        @OptionGroup var options: ProvisionerOptions
        @Argument(help: "The name: lower-case letters, digits and dashes.") var name: String
        @Option(help: "The kind of application, see 'muster target presets'.") var preset: String?
        @Option(help: "A file with the whole definition.") var definition: JSONFile?
        @OptionGroup(title: "What is decided") var decisions: DefinitionOptions

        func validate() throws {
            guard (preset == nil) != (definition == nil) else { throw ValidationError("name one: --preset or --definition") }
            guard definition != nil || decisions.url != nil else { throw ValidationError("--url is wanted: the target's SCIM base URL") }
            if let preset { _ = try Target.preset(preset) }
        }

        func run() async throws {
            var made =
                try definition.map { try Target.read($0, name: name) } ?? ["name": .string(name), "preset": .string(preset ?? "")]
            try decisions.apply(to: &made)
            try await options.run { [made] provisioner in
                do { try await Target.save(made, mustBeNew: true, provisioner, options) } catch let error as ProvisionerError
                    where error.code == .conflict
                {
                    throw CommandFailure("\(error.message); 'muster target set' changes it")
                }
            }
            Output.line("\(name) is off; try it with 'muster target test \(name)', switch it on with 'muster target connect \(name)'")
        }
    }

    struct Change: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "set",
            abstract: "Change what was decided about a target; what is not named stays.",
            discussion: "Where the target is on, everybody is planned anew.")
        @OptionGroup var options: ProvisionerOptions
        @Argument(help: "The target.") var name: String
        @Option(help: "A file with the whole definition, in place of the present one.") var definition: JSONFile?
        @OptionGroup(title: "What is decided") var decisions: DefinitionOptions

        func run() async throws {
            try await options.run { provisioner in
                let present = try await provisioner.target(name, in: options.tenant).target.document.complex ?? [:]
                var changed = try definition.map { try Target.read($0, name: name) } ?? present
                try decisions.apply(to: &changed)
                try await Target.save(changed, provisioner, options)
            }
            Output.line("\(name) is changed")
        }
    }

    struct Presets: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the kinds of applications that are known.")
        @Flag(help: "Print a JSON array.") var json = false

        func run() async throws {
            let presets = TargetPreset.allCases
            if json { return Output.json(presets.map { ["name": .string($0.rawValue), "description": .string($0.description)] }) }
            Output.table(["NAME", "DESCRIPTION"], presets.map { [$0.rawValue, $0.description] }, empty: "None is known.")
        }
    }

    struct Macros: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the macros that templates may have.")
        @Flag(help: "Print a JSON array.") var json = false

        func run() async throws {
            let named = Macro.all.map { ("{$\($0.name)}", $0.description) }
            let parameters = Macro.parameters.map { ("{$parameters.\($0.name)}", "{$\($0.macro)}, unless --parameter says otherwise") }
            let macros =
                named + parameters + [("{$user.custom_fields.NAME}", "a field of a schema of yours, or of the enterprise extension")]
            if json { return Output.json(macros.map { ["macro": .string($0.0), "description": .string($0.1)] }) }
            Output.table(["MACRO", "STANDS FOR"], macros.map { [$0.0, $0.1] }, empty: "None is known.")
        }
    }

    struct Template: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Print the template of a target, or that of a preset, to edit it.")
        @OptionGroup var options: ProvisionerOptions
        @Argument(help: "The target.") var name: String?
        @Option(help: "The preset.") var preset: String?

        func validate() throws {
            guard (name == nil) != (preset == nil) else { throw ValidationError("name one: a target or --preset") }
        }

        func run() async throws {
            let template: ProvisioningTemplate
            if let name {
                template = try await options.run { try await $0.target(name, in: options.tenant).target.definition.template }
            } else {
                template = try Target.preset(preset ?? "").template
            }
            Output.line(template.document.indentedText)
        }
    }

    // MARK: Parts

    /// The preset of this name.
    fileprivate static func preset(_ name: String) throws -> TargetPreset {
        if let preset = TargetPreset(rawValue: name) { return preset }
        throw ValidationError("--preset: there is no '\(name)'; " + NearestName.hint(name, among: TargetPreset.allCases.map(\.rawValue)))
    }

    /// Reads a file with a whole definition, whose name may be left out.
    fileprivate static func read(_ file: JSONFile, name: String) throws -> AttributeMap {
        guard case .complex(var map) = try file.read() else { throw CommandFailure("\(file.path): a JSON object is wanted") }
        if let other = map["name"]?.string, other != name {
            throw CommandFailure("\(file.path): it is the definition of '\(other)'; a target keeps its name")
        }
        map["name"] = .string(name)
        return map
    }

    /// Saves a definition, and says what is to be known about it and what work came of it.
    fileprivate static func save(
        _ definition: AttributeMap, mustBeNew: Bool = false, _ provisioner: Provisioner, _ options: ProvisionerOptions
    ) async throws {
        let saved = try await provisioner.save(.complex(definition), mustBeNew: mustBeNew, in: options.tenant, by: options.actor)
        Output.findings(saved.findings)
        if let batch = saved.batch { options.show(batch) }
    }
}
