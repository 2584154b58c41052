package main

import (
	"encoding/json"
	"io"

	"github.com/prometheus/otlptranslator"
	"go.opentelemetry.io/otel/semconv/v1.43.0/hwconv"
	"go.opentelemetry.io/otel/semconv/v1.43.0/systemconv"
)

type declared struct {
	Name       string `json:"name"`
	Unit       string `json:"unit"`
	Instrument string `json:"instrument"`
}

// conventions are the metrics of OpenTelemetry's semantic conventions that hold the memory and the use of a GPU and of a host.
func conventions() []declared {
	const amount, gauge = "updowncounter", "gauge"
	var (
		limit       hwconv.GpuMemoryLimit
		usage       hwconv.GpuMemoryUsage
		utilization hwconv.GpuMemoryUtilization
		busy        hwconv.GpuUtilization
		ramLimit    systemconv.MemoryLimit
		ram         systemconv.MemoryUsage
	)
	return []declared{
		{limit.Name(), limit.Unit(), amount},
		{usage.Name(), usage.Unit(), amount},
		{utilization.Name(), utilization.Unit(), gauge},
		{busy.Name(), busy.Unit(), gauge},
		{ramLimit.Name(), ramLimit.Unit(), amount},
		{ram.Name(), ram.Unit(), amount},
	}
}

// names reads metrics as JSON and prints what Prometheus has them as, by the library of the collector's exporter, and the conventions.
func names(in io.Reader, out io.Writer) error {
	var metrics []declared
	if err := json.NewDecoder(in).Decode(&metrics); err != nil {
		return err
	}
	namer := otlptranslator.NewMetricNamer("", otlptranslator.UnderscoreEscapingWithSuffixes)
	prometheus := map[string]string{}
	for _, metric := range metrics {
		var kind otlptranslator.MetricType = otlptranslator.MetricTypeGauge
		if metric.Instrument == "updowncounter" {
			kind = otlptranslator.MetricTypeNonMonotonicCounter
		}
		name, err := namer.Build(otlptranslator.Metric{Name: metric.Name, Unit: metric.Unit, Type: kind})
		if err != nil {
			return err
		}
		prometheus[metric.Name] = name
	}
	return json.NewEncoder(out).Encode(map[string]any{"prometheus": prometheus, "conventions": conventions()})
}
