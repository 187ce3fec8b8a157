import { type EChartsOption, init } from "echarts";

/** Colours that can be read on a light and on a dark background. */
export const COLORS = { ours: "#2a7de1", peer: "#8a94a6", line: "#8a94a6", text: "#7a8290" };

/** The margins that a chart has unless it says otherwise: on the left is room for titles. */
export const MARGIN = { top: 44, bottom: 44, left: 330, right: 90 };
const WIDTH = 760;

/** Draws a chart as SVG, in a picture that is as high as its rows and the margins need. */
export function render(title: string, height: number, option: EChartsOption): string {
  const size = { width: WIDTH, height: MARGIN.top + MARGIN.bottom + height };
  const chart = init(null, null, { renderer: "svg", ssr: true, ...size });
  try {
    chart.setOption({
      ...{ animation: false, grid: MARGIN },
      title: { text: title, textStyle: { color: COLORS.text, fontSize: 14 } },
      ...option,
    });
    return `${chart.renderToSVGString()}\n`;
  } finally {
    chart.dispose();
  }
}
