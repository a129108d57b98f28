import CMusterLua

/// Writes values as a tape. One for each state, reused from call to call, never shared.
final class TapeWriter {
    private var base: UnsafeMutableRawPointer
    private var capacity: Int
    private(set) var count = 0

    init(capacity: Int = 4096) {
        self.capacity = capacity
        base = .allocate(byteCount: capacity, alignment: 8)
    }

    deinit { base.deallocate() }

    var bytes: UnsafePointer<UInt8> { UnsafePointer(base.assumingMemoryBound(to: UInt8.self)) }

    func write(list values: [LuaValue]) {
        count = 0
        put(MS_T_ARR, length: values.count)
        for value in values { put(value) }
    }

    func write(value: LuaValue) {
        count = 0
        put(value)
    }

    private func put(_ value: LuaValue) {
        switch value {
        case .null: put(MS_T_NULL)
        case .boolean(let flag): put(flag ? MS_T_TRUE : MS_T_FALSE)
        case .integer(let number):
            put(MS_T_INT)
            put(raw: number)
        case .number(let number):
            put(MS_T_NUM)
            put(raw: number)
        case .string(let text):
            put(MS_T_STR)
            put(text: text)
        case .array(let elements):
            put(MS_T_ARR, length: elements.count)
            for element in elements { put(element) }
        case .object(let object):
            put(MS_T_OBJ, length: object.members.count)
            for member in object.members {
                put(text: member.key)
                put(member.value)
            }
        case .empty: put(MS_T_EMPTY)
        }
    }

    @inline(__always) private func put(_ tag: Int) {
        put(raw: UInt8(truncatingIfNeeded: tag))
    }

    @inline(__always) private func put(_ tag: Int, length: Int) {
        put(tag)
        put(raw: UInt32(clamping: length))
    }

    @inline(__always) private func put<T: BitwiseCopyable>(raw value: T) {
        reserve(MemoryLayout<T>.size)
        (base + count).storeBytes(of: value, as: T.self)
        count += MemoryLayout<T>.size
    }

    // A length beyond 32 bits is clamped here and refused as malformed by the C side.
    @inline(__always) private func put(text: String) {
        var text = text
        text.withUTF8 { utf8 in
            put(raw: UInt32(clamping: utf8.count))
            reserve(utf8.count)
            if let start = utf8.baseAddress { (base + count).copyMemory(from: start, byteCount: utf8.count) }
            count += utf8.count
        }
    }

    @inline(__always) private func reserve(_ more: Int) {
        if count + more > capacity { grow(more) }
    }

    @inline(never) private func grow(_ more: Int) {
        var larger = capacity
        while larger < count + more { larger *= 2 }
        let fresh = UnsafeMutableRawPointer.allocate(byteCount: larger, alignment: 8)
        fresh.copyMemory(from: base, byteCount: count)
        base.deallocate()
        base = fresh
        capacity = larger
    }
}

/// Reads a tape that the C side wrote. The C side has checked its shape, its depth and its UTF-8.
struct TapeReader {
    private var position: UnsafeRawPointer
    private let end: UnsafeRawPointer

    init?(_ bytes: UnsafePointer<UInt8>?, _ count: Int) {
        guard let bytes else { return nil }
        position = UnsafeRawPointer(bytes)
        end = position + count
    }

    /// The next value; nil stands for Lua's nil.
    mutating func value() -> LuaValue? {
        guard position < end else { return nil }
        switch Int(take(UInt8.self)) {
        case MS_T_NULL: return .null
        case MS_T_FALSE: return .boolean(false)
        case MS_T_TRUE: return .boolean(true)
        case MS_T_INT: return .integer(take(Int64.self))
        case MS_T_NUM: return .number(take(Double.self))
        case MS_T_STR: return .string(text())
        case MS_T_ARR: return .array(elements())
        case MS_T_OBJ: return .object(LuaObject(members()))
        case MS_T_EMPTY: return .empty
        default: return nil
        }
    }

    /// A list of arguments; a nil among them becomes null.
    mutating func list() -> [LuaValue] {
        value()?.array ?? []
    }

    private mutating func elements() -> [LuaValue] {
        let count = Int(take(UInt32.self))
        var elements: [LuaValue] = []
        elements.reserveCapacity(count)
        for _ in 0..<count { elements.append(value() ?? .null) }
        return elements
    }

    private mutating func members() -> [LuaObject.Member] {
        let count = Int(take(UInt32.self))
        var members: [LuaObject.Member] = []
        members.reserveCapacity(count)
        for _ in 0..<count {
            let key = text()
            members.append(.init(key: key, value: value() ?? .null))
        }
        return members
    }

    @inline(__always) private mutating func text() -> String {
        let count = Int(take(UInt32.self))
        defer { position += count }
        return String(decoding: UnsafeRawBufferPointer(start: position, count: count), as: UTF8.self)
    }

    @inline(__always) private mutating func take<T: BitwiseCopyable>(_ type: T.Type) -> T {
        defer { position += MemoryLayout<T>.size }
        return position.loadUnaligned(as: T.self)
    }
}
