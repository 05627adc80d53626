// Package frames reads what the Wireglass service answers to queries.
package frames

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"
)

// Decode reads an answer of POST /api/v1/query.
func Decode(body []byte) (*backend.QueryDataResponse, error) {
	response := backend.NewQueryDataResponse()
	if err := json.Unmarshal(body, response); err != nil {
		return nil, fmt.Errorf("decode query answer: %w", err)
	}
	return response, nil
}

// CheckAlertShape says whether Grafana's alert rules take the frames of one query: time series of one number each, or
// one number per row with texts as labels, typed and versioned as the data plane contract asks for, never two results
// with the same labels.
func CheckAlertShape(frames data.Frames) error {
	seen := map[string]bool{}
	for index, frame := range frames {
		if err := checkFrame(frame, seen); err != nil {
			return fmt.Errorf("frame %d (%s): %w", index, frame.Name, err)
		}
	}
	return nil
}

func checkFrame(frame *data.Frame, seen map[string]bool) error {
	if frame.Meta == nil || frame.Meta.Type == data.FrameTypeUnknown {
		return errors.New("it has no type")
	}
	if frame.Meta.TypeVersion.IsZero() {
		return errors.New("its type has no version")
	}
	switch frame.Meta.Type {
	case data.FrameTypeTimeSeriesMulti:
		return checkSeries(frame, seen)
	case data.FrameTypeNumericLong:
		return checkNumbers(frame, seen)
	default:
		return fmt.Errorf("type %s is none that rules take", frame.Meta.Type)
	}
}

func checkSeries(frame *data.Frame, seen map[string]bool) error {
	if kind := frame.TimeSeriesSchema().Type; kind != data.TimeSeriesTypeWide {
		return fmt.Errorf("it is a %s series, rules take wide ones", kind)
	}
	if len(frame.Fields) != 2 || !frame.Fields[0].Type().Time() || !frame.Fields[1].Type().Numeric() {
		return errors.New("expected a time and a number")
	}
	value := frame.Fields[1]
	if err := once(value.Name+value.Labels.String(), seen); err != nil {
		return err
	}
	times := frame.Fields[0]
	var before time.Time
	for row := range times.Len() {
		at, ok := times.ConcreteAt(row)
		if !ok {
			return fmt.Errorf("row %d has no time", row)
		}
		now := at.(time.Time)
		if row > 0 && !now.After(before) {
			return fmt.Errorf("row %d is not later than the one before", row)
		}
		before = now
	}
	return nil
}

func checkNumbers(frame *data.Frame, seen map[string]bool) error {
	var number *data.Field
	var labels []*data.Field
	for _, field := range frame.Fields {
		switch {
		case field.Type().Numeric():
			if number != nil {
				return errors.New("it has two numbers, whose results have the same labels")
			}
			number = field
		case field.Type().NonNullableType() == data.FieldTypeString:
			labels = append(labels, field)
		default:
			return fmt.Errorf("field %s is neither a number nor a text", field.Name)
		}
	}
	if number == nil {
		return errors.New("it has no number")
	}
	for row := range number.Len() {
		key := number.Name
		for _, field := range labels {
			text, _ := field.ConcreteAt(row)
			key += fmt.Sprintf("|%s=%q", field.Name, text)
		}
		if err := once(key, seen); err != nil {
			return err
		}
	}
	return nil
}

func once(key string, seen map[string]bool) error {
	if seen[key] {
		return fmt.Errorf("two results have the labels %s", key)
	}
	seen[key] = true
	return nil
}
