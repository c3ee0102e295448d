package scrub

import (
	"strconv"

	"go.opentelemetry.io/collector/pdata/pcommon"
)

// fewKeys is for how many keys looking for a double by comparing all pairs costs less than making the map anew.
const fewKeys = 24

// isFlat says that flatten would change nothing: no map, no list, no key twice. Nearly every span is so.
func isFlat(attributes pcommon.Map) bool {
	var keys [fewKeys]string
	if attributes.Len() > fewKeys {
		return false
	}
	count := 0
	for key, value := range attributes.All() {
		if kind := value.Type(); kind == pcommon.ValueTypeMap || kind == pcommon.ValueTypeSlice {
			return false
		}
		for _, other := range keys[:count] {
			if key == other {
				return false
			}
		}
		keys[count] = key
		count++
	}
	return true
}

// flatten makes one key of each path into nested values, so that the list of keys sees them; of a key that is there
// twice the last value stays. It gives the very keys that OTTL's function of this name gives.
func flatten(attributes pcommon.Map) {
	flat := pcommon.NewMap()
	flattenMap(attributes, "", flat)
	flat.MoveTo(attributes)
}

func flattenMap(from pcommon.Map, path string, into pcommon.Map) {
	if path != "" {
		path += "."
	}
	for key, value := range from.All() {
		flattenValue(value, path+key, into)
	}
}

func flattenValue(value pcommon.Value, path string, into pcommon.Map) {
	switch value.Type() {
	case pcommon.ValueTypeMap:
		flattenMap(value.Map(), path, into)
	case pcommon.ValueTypeSlice:
		for index, element := range value.Slice().All() {
			flattenElement(element, path+"."+strconv.Itoa(index), into)
		}
	default:
		value.CopyTo(into.PutEmpty(path))
	}
}

func flattenElement(element pcommon.Value, path string, into pcommon.Map) {
	if element.Type() != pcommon.ValueTypeSlice {
		flattenValue(element, path, into)
		return
	}
	for index, inner := range element.Slice().All() {
		flattenValue(inner, path+strconv.Itoa(index), into) // without a dot: OTTL has none there either
	}
}
