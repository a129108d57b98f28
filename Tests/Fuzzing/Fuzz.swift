import Foundation
import SCIM

// The program that Scripts/fuzz builds around the checks: libFuzzer calls it with one input after another.

/// The target that the environment names.
let fuzzTarget: FuzzTarget = {
    guard let name = ProcessInfo.processInfo.environment["MUSTER_FUZZ_TARGET"], let target = FuzzTarget(rawValue: name) else {
        fatalError("MUSTER_FUZZ_TARGET names no target; start this through Scripts/fuzz")
    }
    return target
}()

/// Checks one input; a property that does not hold ends the program, as a crash does.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    do throws(FuzzFinding) {
        try fuzzTarget.check(Array(UnsafeBufferPointer(start: start, count: count)))
    } catch {
        fatalError("FINDING: \(error)")
    }
    return 0
}
