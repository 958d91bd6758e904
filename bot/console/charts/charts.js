// Only what the console draws: bars on a grid, as SVG. Figures stand on the bars, so that no tooltip is needed.
import { init, use } from "echarts/core";
import { BarChart } from "echarts/charts";
import { GridComponent } from "echarts/components";
import { SVGRenderer } from "echarts/renderers";

use([BarChart, GridComponent, SVGRenderer]);
window.echarts = { init };
