// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "muster",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "Muster", targets: ["Muster"]),
        .library(name: "SCIM", targets: ["SCIM"]),
        .library(name: "MusterTesting", targets: ["MusterTesting"]),
        .executable(name: "muster", targets: ["MusterCLI"]),
        .executable(name: "embedded-server", targets: ["EmbeddedServer"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-asn1", from: "1.7.0"),
        .package(url: "https://github.com/apple/swift-certificates", from: "1.21.0"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0", traits: [.defaults, "YAML"]),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swiftcsv/SwiftCSV", from: "0.10.0"),
        .package(url: "https://github.com/vapor/jwt-kit", from: "5.7.0"),
    ],
    targets: [
        // MARK: Ground: C libraries
        .systemLibrary(name: "CLua", pkgConfig: "lua5.4", providers: [.apt(["liblua5.4-dev"])]),
        .target(name: "CMusterLua", dependencies: ["CLua"]),

        // MARK: Floor 1: pure engines
        .target(name: "SCIM"),
        .target(name: "MusterLua", dependencies: ["CMusterLua"]),

        // MARK: Floor 2: shared nouns and promises
        .target(name: "MusterCore", dependencies: ["SCIM"]),

        // MARK: Floor 3: siblings, none imports another
        .target(
            name: "MusterSQLite",
            dependencies: [
                "MusterCore", "SCIM",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ]
        ),
        .target(
            name: "MusterDirectory",
            dependencies: ["MusterCore", "SCIM", .product(name: "Logging", package: "swift-log")]
        ),
        .target(
            name: "MusterDelivery",
            dependencies: [
                "MusterCore",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]
        ),
        .target(
            name: "MusterPlugins",
            dependencies: [
                "MusterCore", "MusterLua", "SCIM",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
            ],
            resources: [
                .embedInCode("LuaAPI/prelude.lua"), .embedInCode("Testing/expect.lua"), .embedInCode("Testing/describe.lua"),
                .embedInCode("Testing/World/world.lua"), .embedInCode("Testing/testkit.lua"), .embedInCode("Testing/seen.lua"),
                .embedInCode("Authoring/Console/console.lua"),
            ]
        ),

        .target(
            name: "MusterProvisioner",
            dependencies: [
                "MusterCore", "SCIM", .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
            ]
        ),

        // MARK: Floor 4: doors
        .target(
            name: "MusterServer",
            dependencies: [
                "MusterDirectory", "MusterCore", "SCIM",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "HummingbirdTLS", package: "hummingbird"),
                .product(name: "JWTKit", package: "jwt-kit"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "SwiftASN1", package: "swift-asn1"),
                .product(name: "X509", package: "swift-certificates"),
            ]
        ),

        .target(
            name: "MusterAdmin",
            dependencies: [
                "MusterServer", "MusterProvisioner", "MusterCore", "SCIM",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
            ]
        ),

        // MARK: Floor 5: the roof
        .target(
            name: "Muster",
            dependencies: [
                "SCIM", "MusterCore", "MusterSQLite", "MusterDirectory", "MusterDelivery", "MusterPlugins", "MusterProvisioner",
                "MusterServer", "MusterAdmin",
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "SwiftCSV", package: "SwiftCSV"),
                .product(name: "Yams", package: "Yams"),
            ]
        ),

        // MARK: Floor 6: programs
        .executableTarget(
            name: "MusterCLI",
            dependencies: [
                "Muster", "MusterCore", "MusterPlugins", "MusterProvisioner", "MusterServer", "MusterSQLite", "SCIM",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ]
        ),
        .executableTarget(
            name: "EmbeddedServer",
            dependencies: ["Muster", .product(name: "Hummingbird", package: "hummingbird")]
        ),

        // MARK: Beside the house
        .target(name: "MusterTesting", dependencies: ["MusterCore", "SCIM"]),

        // MARK: Tests, one target for each room
        .testTarget(name: "SCIMTests", dependencies: ["SCIM"], exclude: ["Filter/filter-corpus.json", "Schema/Samples"]),
        .testTarget(name: "MusterLuaTests", dependencies: ["MusterLua"], exclude: ["Attacks"]),
        .testTarget(
            name: "MusterSQLiteTests",
            dependencies: ["MusterSQLite", "MusterCore", "MusterTesting", "SCIM", .product(name: "GRDB", package: "GRDB.swift")]
        ),
        .testTarget(
            name: "MusterDirectoryTests",
            dependencies: ["MusterDirectory", "MusterSQLite", "MusterCore", "MusterTesting", "SCIM"]
        ),
        .testTarget(
            name: "MusterDeliveryTests",
            dependencies: [
                "MusterDelivery", "MusterSQLite", "MusterCore", "MusterTesting", "SCIM",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]
        ),
        .testTarget(
            name: "MusterProvisionerTests",
            dependencies: [
                "MusterProvisioner", "MusterSQLite", "MusterCore", "MusterTesting", "SCIM",
                .product(name: "Logging", package: "swift-log"),
            ]
        ),
        .testTarget(
            name: "MusterPluginsTests",
            dependencies: [
                "MusterPlugins", "MusterLua", "MusterCore", "MusterTesting", "SCIM",
                .product(name: "Logging", package: "swift-log"),
            ],
            exclude: ["Authoring/Snapshots"]
        ),
        .testTarget(
            name: "MusterServerTests",
            dependencies: [
                "MusterServer", "MusterDelivery", "MusterDirectory", "MusterSQLite", "MusterCore", "SCIM",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdTesting", package: "hummingbird"),
                .product(name: "JWTKit", package: "jwt-kit"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "SwiftASN1", package: "swift-asn1"),
                .product(name: "X509", package: "swift-certificates"),
            ]
        ),
        .testTarget(
            name: "MusterAdminTests",
            dependencies: [
                "MusterAdmin", "MusterServer", "MusterProvisioner", "MusterSQLite", "MusterCore", "MusterTesting", "SCIM",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdTesting", package: "hummingbird"),
                .product(name: "NIOCore", package: "swift-nio"),
            ]
        ),
        .testTarget(
            name: "MusterTests",
            dependencies: [
                "Muster", "MusterPlugins", "MusterProvisioner", "MusterSQLite", "MusterCore", "MusterTesting", "SCIM",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "HummingbirdTesting", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            exclude: ["Snapshots"]
        ),
        .testTarget(
            name: "ConformanceTests",
            dependencies: [
                "Muster", "MusterSQLite", "MusterCore", "SCIM",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdTesting", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
            ],
            exclude: ["Okta/okta-scim-20-spec-test.json", "Requirements/Schemas"],
            resources: [.copy("Scenarios")]
        ),
    ]
)

for target in package.targets where ![.system, .plugin, .binary].contains(target.type) {
    target.swiftSettings =
        (target.swiftSettings ?? []) + [
            .enableUpcomingFeature("ExistentialAny"),
            .enableUpcomingFeature("InternalImportsByDefault"),
            .enableUpcomingFeature("MemberImportVisibility"),
            .treatAllWarnings(as: .error),
        ]
}
