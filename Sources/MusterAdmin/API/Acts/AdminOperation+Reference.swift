import HTTPTypes
import MusterProvisioner
import SCIM

extension AdminOperation {
    /// What a person looks up who writes a target or a template.
    static let reference: [AdminOperation] = [
        AdminOperation(
            .get, "/presets", "listPresets", .reference, "Lists the kinds of applications that are known, with what each begins with",
            query: [.after, .limit], successes: [Success(status: 200, schema: .presetList, meaning: "One page of presets")],
            act: { call in
                try call.page(
                    ofAll: TargetPreset.allCases,
                    { preset in
                        [
                            "name": .string(preset.rawValue), "description": .string(preset.description),
                            "template": preset.template.document,
                        ]
                    }, name: \.rawValue)
            }),
        AdminOperation(
            .get, "/macros", "listMacros", .reference, "Lists the macros that templates and rules may use", query: [.after, .limit],
            successes: [Success(status: 200, schema: .macroList, meaning: "One page of macros")],
            act: { call in
                try call.page(
                    ofAll: Macro.all,
                    { macro in
                        ["name": .string(macro.name), "macro": .string("{$\(macro.name)}"), "description": .string(macro.description)]
                    }, name: \.name)
            }),
        AdminOperation(
            .get, "/openapi.json", "describe", .reference, "Describes all this as OpenAPI 3.1",
            successes: [Success(status: 200, schema: .description, meaning: "The document")],
            act: { call in AdminAnswer(AdminDescription.document(of: call.tenant)) }),
    ]
}
